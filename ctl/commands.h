// The commands of pdf2mdctl. Each returns the program's exit code and has reported its errors.
#pragma once

#include "ctl/args.h"
#include "ctl/reporter.h"
#include "proto/exit_code.h"

namespace pdf2md::ctl {

CtlExit run_convert(const Options& options, Reporter& reporter);       // convert.cc
CtlExit run_batch(const Options& options, Reporter& reporter);         // batch.cc: convert -r
CtlExit run_submit(const Options& options, Reporter& reporter);        // submit.cc
CtlExit run_status(const Options& options, Reporter& reporter);        // status.cc
CtlExit run_watch(const Options& options, Reporter& reporter);         // watch.cc
CtlExit run_top(const Options& options, Reporter& reporter);           // top.cc
CtlExit run_result(const Options& options, Reporter& reporter);        // result.cc
CtlExit run_wait(const Options& options, Reporter& reporter);          // wait.cc
CtlExit run_cancel(const Options& options, Reporter& reporter);        // cancel.cc
CtlExit run_retry(const Options& options, Reporter& reporter);         // retry.cc
CtlExit run_remove(const Options& options, Reporter& reporter);        // cancel.cc
CtlExit run_logs(const Options& options, Reporter& reporter);          // logs.cc
CtlExit run_explain(const Options& options, Reporter& reporter);       // explain.cc
CtlExit run_capabilities(const Options& options, Reporter& reporter);  // capabilities.cc
CtlExit run_doctor(const Options& options, Reporter& reporter);        // doctor.cc
CtlExit run_bug_report(const Options& options, Reporter& reporter);    // bug_report.cc
CtlExit run_hold(const Options& options, Reporter& reporter);          // hold.cc: hold and release
CtlExit run_priority(const Options& options, Reporter& reporter);
CtlExit run_spool(const Options& options, Reporter& reporter);    // spool.cc
CtlExit run_workers(const Options& options, Reporter& reporter);  // service.cc
CtlExit run_health(const Options& options, Reporter& reporter);
CtlExit run_metrics(const Options& options, Reporter& reporter);
CtlExit run_version(const Options& options, Reporter& reporter);
CtlExit run_deaths(const Options& options, Reporter& reporter);   // deaths.cc: workers --deaths
CtlExit run_operate(const Options& options, Reporter& reporter);  // operate.cc: resize and its like
CtlExit run_reload(const Options& options, Reporter& reporter);
CtlExit run_completion(const Options& options);  // completion.cc
CtlExit run_help(const Options& options);        // help.cc

// Says what went wrong, on standard error and with --json on standard output as well, as
// {"error":{"code":203,"name":"needs_password","message":"...","hint":"..."}}.
CtlExit report_error(const Options& options, Reporter& reporter, const std::string& label,
                     const Error& error, size_t passwords = 0);

// The lines of --password-file; empty lines are skipped. Errors: kIo.
Result<std::vector<std::string>> read_passwords(const std::string& path);

}  // namespace pdf2md::ctl
