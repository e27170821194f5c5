#include "ctl/commands.h"
#include "ctl/file_output.h"

namespace pdf2md::ctl {
namespace {

// Every text fits a terminal of 80 columns and 24 lines.
constexpr const char* kGeneral =
    R"(pdf2mdctl - turn documents into Markdown, through the daemon pdf2mdd

  pdf2mdctl convert paper.pdf > paper.md     one document to standard output
  pdf2mdctl convert -r docs -o out           all documents of a folder
  curl -s URL | pdf2mdctl convert -          from a pipe

  convert FILE|-...    convert and wait; starts a daemon if there is none
  submit FILE|-...     hand documents over, print the numbers of their jobs
  status [JOB]         jobs, or everything about one; -w: again and again
  top                  all of it on one screen, with keys to change it
  watch, wait          follow a job page by page; wait for several
  result JOB           the results of a job
  cancel, retry, rm    end jobs; try failed ones again; remove finished ones
  hold, release        start nothing more of jobs; let them go on
  priority JOB N       1 to 100, among your jobs (default: 50)
  logs, explain        what the daemon logged; how a page was done, and why
  health, workers      can it work; what each worker does, how workers died
  spool, capabilities, metrics, version  what is kept; possible; counted
  doctor, bug-report   what is wrong here; what others need to know of a job
  resize N, drain, resume, restart-worker N|all, reload: for administrators
  completion SHELL     completions for bash, zsh, fish

Every command: --socket PATH, --json, -q, -v. More: pdf2mdctl help COMMAND,
man pdf2mdctl. Exit: 0 ok, 1 failed, 2 usage, 3 no daemon, 4 some pages failed.
)";

constexpr const char* kConvert =
    R"(pdf2mdctl convert [FILE|-]... - convert documents and wait for the results
  -o, --out PATH         file, or folder (ends in "/" or is one); -: stdout.
                         Without: one to stdout, several beside their sources
  --output LIST          md (default), json, txt, html, review (pictures beside
                         text), layout (PDF with boxes), chunks (for retrieval)
  -r, --recursive        folders stand for the documents in them (needs -o OUT)
  --files-from FILE      a list of documents, by line or NUL; -: standard input
  --flat, -f, --force    all results in one folder; also what is up to date
  --shard 2/5, --log     part 2 of 5; keep a log, OUT/convert.log
  --retries N, -j N      after troubles of the daemon; documents at once
  --mode grounded        type and box before each block; --tables html
  --images HOW           files (default), inline, none; --chunk-tokens N
  --pages 3-7,12         these pages; "5-", "-3" are open; --max-pages N
  --ocr, --layout WHEN   read the picture, use the model: auto, always, never
  --keep-headers         keep running headers; --blank-pages comment, text, none
  --page-separator TEXT  or number (a line with "Page 2"), form-feed, none
  --password-file FILE   passwords to try, one a line; -: standard input
  --strict               one failed page fails the document
  --timeout, --patience  TIME for each document; with a busy daemon
  --name N, -p 1..100, --workers N   its name; priority; at most N workers
  --no-start, --json     start no daemon; a line of JSON for each document
Ctrl-C cancels; in folders, the first one finishes what runs.
)";

constexpr const char* kSubmit =
    R"(pdf2mdctl submit FILE|-... - hand documents over, print their jobs' numbers

  --output, --mode, --tables, --images, --chunk-tokens, --pages, --max-pages,
  --ocr, --layout, --keep-headers, --page-separator, --blank-pages,
  --password-file, --strict, --timeout, --name, --workers      as for convert
  -q, -p, --priority N  1 to 100 (default: 50)
  --hold                not started before "pdf2mdctl release"
  -w, --wait            for the end of the jobs; ends as "wait" does
  --patience TIME       with a busy daemon (default: 30 s)
  --json                {"job":7,"position":0,"name":"paper.pdf"}

  job=$(pdf2mdctl submit book.pdf)
  pdf2mdctl wait $job && pdf2mdctl result $job -o out/
)";

constexpr const char* kStatus =
    R"(pdf2mdctl status [JOB] - the jobs that you may see, or everything about one

  -w, --watch           again every second
  -u, --user USER       the jobs of this user, by name or number
  -W, --state LIST      queued, running, held, done, failed, cancelled;
                        not-completed, completed, all
  --json                {"jobs":[...]}, or the one job's object
)";

constexpr const char* kWatch =
    R"(pdf2mdctl watch JOB - follow a job until its end

Prints a line for each page and change of state. Ends with 0, 1 or 4 as the job
does. Ctrl-C ends the watching, not the job.

  --json                a line of JSON for each event
)";

constexpr const char* kTop =
    R"(pdf2mdctl top - what the daemon does, on the whole screen

Workers with what they are at, pages a second and seconds a page over the last
minutes, and the jobs: running, waiting, over.

  up, down      choose a job          c  cancel it (asks first)
  +, -          a worker more, less   h  hold it, or release it
  d             drain, resume         q  leave
  space         look now

Jobs of "convert" are there as well. Without colours: NO_COLOR=1.
)";

constexpr const char* kResult =
    R"(pdf2mdctl result JOB - the results of a finished job

  -o, --out PATH        FILE, or a folder for all outputs; without: stdout
  --output NAME         md (default), or another that it was submitted with,
                        or assets/FILE; several, with commas, into a folder
  --json                {"job":7,"files":[...]} (needs -o)
)";

constexpr const char* kWait =
    R"(pdf2mdctl wait JOB... - wait for the end of jobs

Says only what went wrong. Exit code: 1 if one failed, else 4 if pages failed.

  --json                the object of status for each job
)";

constexpr const char* kCancel =
    R"(pdf2mdctl cancel JOB... - end jobs that wait or run

  -a, --all             all that you may end
  -u, --user USER       those of this user
  -W, --state LIST      those in these states: queued, running, held
  -x, --purge           and remove them
  --json                {"job":7,"state":"cancelled"}, a line for each
)";

constexpr const char* kRetry =
    R"(pdf2mdctl retry JOB... - try failed jobs again; prints the new jobs' numbers

  -a, --all             all that failed
  -u, --user USER       those of this user
  --password-file FILE  passwords to try, one a line; -: standard input
  --json                {"job":9,"retry_of":7}, a line for each
)";

constexpr const char* kRemove =
    R"(pdf2mdctl rm JOB... - remove jobs that are over, with their results

  -a, --all             all that are over
  -u, --user USER       those of this user
  -W, --state LIST      those in these states: done, failed, cancelled
  --json                {"job":7,"state":"removed"}, a line for each
)";

constexpr const char* kLogs =
    R"(pdf2mdctl logs [JOB] - what the daemon logged, of a job or of all

From the journal where it writes there, otherwise from its file.

  -f, --follow          and what is logged later
  -n, --lines N         the last N lines only
)";

constexpr const char* kExplain =
    R"(pdf2mdctl explain JOB PAGE - how a page was done, and why so

Text layer or OCR and why, models, confidences, time, worker, and the deaths of
workers that had it before. Known as long as the daemon that did it runs.

  --json                {"job":7,"page":3,"route":{...},...}
)";

constexpr const char* kCapabilities =
    R"(pdf2mdctl capabilities - what the daemon can be asked for, and its limits

  --json                {"server":...,"outputs":["md","json"],...}
)";

constexpr const char* kCompletion =
    R"(pdf2mdctl completion bash|zsh|fish - a completion script for a shell

"make install" puts them in place. For a shell that runs:
  source <(pdf2mdctl completion bash)
)";

constexpr const char* kHold =
    R"(pdf2mdctl hold JOB... - start nothing more of jobs; finish what runs
pdf2mdctl release JOB... - let them go on

A job's time limit stands still while it is held.

  --json                {"job":7,"held":true}, a line for each
)";

constexpr const char* kPriority =
    R"(pdf2mdctl priority JOB N - how soon a job comes among those of its owner

N is from 1 to 100, 50 is the default. A higher one begins first, and gets more
of the pages: 100 two for each of 50. None is ever passed for good.

  --json                {"job":7,"priority":80}
)";

constexpr const char* kWorkers =
    R"(pdf2mdctl workers - the worker processes: state, device, memory, restarts, work

  --deaths              the last 32 that died: when, at what, of what
  --json                {"workers":[...]}, or {"total":...,"deaths":[...]}
)";

constexpr const char* kHealth =
    R"(pdf2mdctl health - whether the service can work, proven by a recent inference

Exit code 0: ok; 4: degraded, some workers do not answer; 1: starting or
failing; 3: no daemon.

  --live                only: does the daemon answer; if not (1), restart it
  --ready               only: can it convert now; if not (1), send it no work
  --json                {"status":"ok","model_loaded":true,...}
)";

constexpr const char* kSpool =
    R"(pdf2mdctl spool - what the daemon keeps on disk: documents, results, journal

Exit code 1: the journal cannot be written at present.

  --json                {"state_dir":...,"finished_bytes":...,"jobs":[...]}
)";

constexpr const char* kMetrics =
    R"(pdf2mdctl metrics - counters, gauges and histograms in Prometheus' text format

The daemon can write the same to a file at intervals: metrics.textfile, in
pdf2mdd.toml(5).

  --json                {"metrics":"the text"}
)";

constexpr const char* kDoctor =
    R"(pdf2mdctl doctor - what may keep documents from being converted, or slow

Driver and CUDA libraries, sandbox, weights, fonts, memory, disk, sockets that
nobody listens on, and the daemon where one answers. Changes nothing. Exit code
1: something is bad.

  --json                {"findings":[{"level":"ok","about":"gpu",...},...]}
)";

constexpr const char* kBugReport =
    R"(pdf2mdctl bug-report JOB - what others need to find out what went wrong

A tar archive: versions, the job, its pages that are not whole and how they were
done, deaths of workers, the log about it, the configuration. The document, its
name and its text are left out.

  -o, --out PATH        default: pdf2md-job-JOB.tar; -: standard output
  --with-content        with the job's results, and the document's name
)";

constexpr const char* kResize =
    R"(pdf2mdctl resize N - change the number of workers, until the daemon ends

Those that are too many finish what they have. For administrators: root, the
daemon's user and the members of socket.admin_group.

  --json                {"workers":4,"ready":2,"leaving":0,...}
)";

constexpr const char* kDrain =
    R"(pdf2mdctl drain - hand no more work to the workers, until "pdf2mdctl resume"

Pages under way are finished. Documents are still accepted, and wait. For
administrators.

  --json                {"workers":4,"ready":4,"paused":true,"tasks":3,...}
)";

constexpr const char* kResume =
    R"(pdf2mdctl resume - the end of "pdf2mdctl drain"

  --json                {"workers":4,"ready":4,"paused":false,...}
)";

constexpr const char* kRestartWorker =
    R"(pdf2mdctl restart-worker N|all - replace a worker, or all one after the other

A new one is made ready first, then the old one finishes what it has and
leaves. One that is broken is tried again at once. For administrators.

  --json                {"workers":4,"ready":4,...}
)";

constexpr const char* kReload =
    R"(pdf2mdctl reload - read the daemon's configuration again

Says what changed, and what takes effect now, with new workers (they are
replaced one by one) or only when the daemon is started again. If anything is
wrong, nothing is changed: exit code 1. For administrators.

  --json                {"changes":[{"key":...,"effect":"now"},...],...}
)";

constexpr const char* kVersion =
    R"(pdf2mdctl version - versions of this program and of the daemon, if one answers

  --json                {"version":"...","build":"...","daemon":{...} or null}
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
    case Command::kTop:
      return kTop;
    case Command::kWait:
      return kWait;
    case Command::kRetry:
      return kRetry;
    case Command::kRemove:
      return kRemove;
    case Command::kLogs:
      return kLogs;
    case Command::kExplain:
      return kExplain;
    case Command::kCapabilities:
      return kCapabilities;
    case Command::kDoctor:
      return kDoctor;
    case Command::kBugReport:
      return kBugReport;
    case Command::kCompletion:
      return kCompletion;
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
