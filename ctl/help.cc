#include "ctl/commands.h"
#include "ctl/file_output.h"

namespace pdf2md::ctl {
namespace {

constexpr const char* kGeneral =
    R"(pdf2mdctl - turn documents into Markdown, through the daemon pdf2mdd

  pdf2mdctl convert paper.pdf > paper.md      one document to standard output
  pdf2mdctl convert *.pdf                     several, each beside its source
  pdf2mdctl convert *.pdf -o out/             several, into a folder
  curl -s URL | pdf2mdctl convert -           from a pipe

Commands
  convert [FILE|-]...   convert, and wait for the results; starts a daemon if there is none
  submit FILE|-         hand a document over, print the number of the job
  status [JOB]          jobs, or everything about one
  watch JOB             follow a job until its end
  result JOB            the results of a job
  cancel JOB            end a job
  hold JOB...           start nothing more of them, until
  release JOB...        they are released
  priority JOB N        sooner or later than your other jobs: 1 to 100, default 50
  workers               what each worker is doing; --deaths: how workers died
  health                is the service able to work (exit code 0: yes)
  spool                 what is kept on disk, how much and how long
  metrics               counters and histograms, in Prometheus' text format
  resize N              change the number of workers
  drain, resume         hand out no more work; go on
  restart-worker N|all  replace workers, without a gap
  reload                read the configuration again
  version               versions of this program and of the daemon
  help [COMMAND]        this text, or that of a command

Options of every command
  --socket PATH   the daemon's socket (also PDF2MD_SOCKET)
  --json          print JSON
  -q, -v          say less, say more

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 no daemon, 4 some pages failed.
More: man pdf2mdctl
)";

constexpr const char* kConvert =
    R"(pdf2mdctl convert [FILE|-]... - convert documents and wait for the results

Where to
  -o, --out PATH        FILE, or a folder if PATH ends in "/" or is one; -: standard output
                        Without -o: one document to standard output, several beside their
                        sources as name.md. Images go to name_assets/ beside name.md.
  --output md,json      what to write (default: md)
  --no-images           no image files, no links to them

What to do
  --pages 3-7,12        these pages only; "5-" and "-3" are open ranges
  --max-pages N         at most N pages
  --ocr WHEN            auto (where the text layer is bad), always, never
  --layout WHEN         layout model: auto, always, never
  --keep-headers        keep running headers, footers and page numbers
  --page-separator TEXT written between pages (\n, \t, \f, \\ are understood)
  --blank-pages HOW     comment (the default), text ([[Blank page]]), none
  --password-file FILE  passwords to try, one a line; -: standard input
  --strict              one failed page fails the document
  --timeout TIME        for each document: seconds, or 90s, 10m, 1h30m
  --name NAME           how the document is called in lists and messages
  -p, --priority N      1 to 100, among your jobs; higher is sooner (default: 50)
  --workers N           a wish: at most N workers at a time for each document

How
  -j, --jobs N          documents under way at once (default: 2)
  --wait TIME           patience with a busy daemon (default: for ever; 0: none)
  --no-start            do not start a private daemon
  --json                a line of JSON for each document (needs -o, or several documents)
  -q, -v                no notes and no progress; every event

Ctrl-C cancels what is under way.
)";

constexpr const char* kSubmit =
    R"(pdf2mdctl submit FILE|- - hand a document over and print the number of its job

  --output md,json, --no-images, --pages, --max-pages, --ocr, --layout, --keep-headers,
  --page-separator, --blank-pages, --password-file, --strict, --timeout, --name, --priority,
  --workers             as for convert
  --hold                not started before "pdf2mdctl release"
  --wait TIME           patience with a busy daemon (default: 30 s)
  --json                {"job":7,"position":0,"name":"paper.pdf"}

  job=$(pdf2mdctl submit book.pdf) && pdf2mdctl watch $job && pdf2mdctl result $job -o out/
)";

constexpr const char* kStatus =
    R"(pdf2mdctl status [JOB] - the jobs that you may see, or everything about one

  --json                {"jobs":[...]}, or the one job's object
)";

constexpr const char* kWatch =
    R"(pdf2mdctl watch JOB - follow a job until its end

Prints a line for each page and change of state. Ends with 0, 1 or 4 as the job does.
Ctrl-C ends the watching, not the job.

  --json                a line of JSON for each event
)";

constexpr const char* kResult =
    R"(pdf2mdctl result JOB - the results of a finished job

  -o, --out PATH        FILE, or a folder for all outputs; without it: standard output
  --output NAME         md (default), json, or assets/FILE; several, with commas, into a folder
  --json                {"job":7,"files":[...]} (needs -o)
)";

constexpr const char* kCancel =
    R"(pdf2mdctl cancel JOB - end a job that waits or runs

  --json                {"job":7,"state":"cancelled"}
)";

constexpr const char* kHold =
    R"(pdf2mdctl hold JOB... - start nothing more of these jobs; pages under way are finished
pdf2mdctl release JOB... - let them go on

A job's time limit stands still while it is held.

  --json                {"job":7,"held":true}, a line for each
)";

constexpr const char* kPriority =
    R"(pdf2mdctl priority JOB N - how soon a job comes among those of its owner

N is from 1 to 100, 50 is the default. A higher one begins first, and gets more of the pages:
100 two for each of 50. None is ever passed for good.

  --json                {"job":7,"priority":80}
)";

constexpr const char* kWorkers =
    R"(pdf2mdctl workers - the worker processes: state, device, memory, restarts, work

  --deaths              the last 32 that died: when, at what, of what
  --json                {"workers":[...]}, or {"total":...,"deaths":[...]}
)";

constexpr const char* kHealth =
    R"(pdf2mdctl health - whether the service can work, proven by a recent inference

Exit code 0: ok; 4: degraded, some workers do not answer; 1: starting or failing; 3: no daemon.

  --live                exit code 0 if the daemon answers, 1 if not: is it to be restarted
  --ready               exit code 0 if documents can be converted now, 1 if not: is it to be sent
                        work; with --live or --ready nothing else is asked
  --json                {"status":"ok","model_loaded":true,...}
)";

constexpr const char* kSpool =
    R"(pdf2mdctl spool - what the daemon keeps on disk: documents that wait, results, the journal

Exit code 1: the journal cannot be written at present.

  --json                {"state_dir":...,"finished_bytes":...,"jobs":[...]}
)";

constexpr const char* kMetrics =
    R"(pdf2mdctl metrics - counters, gauges and histograms in Prometheus' text format

The daemon can write the same to a file at intervals: metrics.textfile, in pdf2mdd.toml(5).

  --json                {"metrics":"the text"}
)";

constexpr const char* kResize =
    R"(pdf2mdctl resize N - change the number of workers, until the daemon ends

Those that are too many finish what they have. For administrators: root, the daemon's user and the
members of socket.admin_group.

  --json                {"workers":4,"ready":2,"leaving":0,...}
)";

constexpr const char* kDrain =
    R"(pdf2mdctl drain - hand no more work to the workers, until "pdf2mdctl resume"

Pages under way are finished. Documents are still accepted, and wait. For administrators.

  --json                {"workers":4,"ready":4,"paused":true,"tasks":3,...}
)";

constexpr const char* kResume =
    R"(pdf2mdctl resume - the end of "pdf2mdctl drain"

  --json                {"workers":4,"ready":4,"paused":false,...}
)";

constexpr const char* kRestartWorker =
    R"(pdf2mdctl restart-worker N|all - replace a worker, or all of them one after the other

A new one is made ready first, then the old one finishes what it has and leaves. One that is
broken is tried again at once. For administrators.

  --json                {"workers":4,"ready":4,...}
)";

constexpr const char* kReload =
    R"(pdf2mdctl reload - read the daemon's configuration again

Says what changed, and what takes effect now, with new workers (they are replaced one by one) or
only when the daemon is started again. If anything is wrong, nothing is changed: exit code 1.
For administrators.

  --json                {"changes":[{"key":...,"effect":"now"},...],"problems":[]}
)";

constexpr const char* kVersion =
    R"(pdf2mdctl version - versions of this program and, where one answers, of the daemon

  --json                {"version":"...","build":"...","protocol":1,"daemon":{...} or null}
)";

const char* text_for(Command command) {
  switch (command) {
    case Command::kConvert:
      return kConvert;
    case Command::kSubmit:
      return kSubmit;
    case Command::kStatus:
      return kStatus;
    case Command::kWatch:
      return kWatch;
    case Command::kResult:
      return kResult;
    case Command::kCancel:
      return kCancel;
    case Command::kHold:
    case Command::kRelease:
      return kHold;
    case Command::kPriority:
      return kPriority;
    case Command::kWorkers:
      return kWorkers;
    case Command::kHealth:
      return kHealth;
    case Command::kSpool:
      return kSpool;
    case Command::kMetrics:
      return kMetrics;
    case Command::kResize:
      return kResize;
    case Command::kDrain:
      return kDrain;
    case Command::kResume:
      return kResume;
    case Command::kRestartWorker:
      return kRestartWorker;
    case Command::kReload:
      return kReload;
    case Command::kVersion:
      return kVersion;
    case Command::kHelp:
      return kGeneral;
  }
  return kGeneral;
}

}  // namespace

CtlExit run_help(const Options& options) {
  Command about = Command::kHelp;
  if (!options.operands.empty())
    about = command_named(options.operands[0]).value_or(Command::kHelp);
  return write_standard_output(text_for(about)) ? CtlExit::kOk : CtlExit::kFailed;
}

}  // namespace pdf2md::ctl
