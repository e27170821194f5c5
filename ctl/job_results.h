// What a job's end means to the person who asked, and how its outputs are fetched.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ctl/connection.h"
#include "ctl/file_output.h"
#include "proto/exit_code.h"

namespace pdf2md::ctl {

using ByteSink = std::function<Status(std::string_view)>;

// One output, piece by piece. Errors: what the daemon says; kUnexpected where the size is not the
// one announced; those of the sink.
Status fetch_output(Connection& connection, uint64_t job, const std::string& output,
                    const ByteSink& sink);

// An output's name of the form "assets/p0001-1.png" whose file name is safe to be used below a
// folder.
bool is_asset(const std::string& output);

Result<proto::JobInfo> job_info(Connection& connection, uint64_t job);

// The error of a job in state failed or cancelled.
Error failure_of(const proto::JobInfo& job);

// 0, or 4 where pages failed or were degraded; 1 where the job failed.
CtlExit exit_of(const proto::JobInfo& job);
// 3 where there is no daemon (any more), 2 for bad options found here, else 1.
CtlExit exit_of(const Error& error);

// "page 3 failed; ...", "pages 5-7 are degraded ...": a line each; empty: all is well.
std::vector<std::string> page_troubles(const proto::JobInfo& job);

// "paper.pdf: needs a password (give it with --password-file)". Known errors get a hint in terms of
// this program's options. passwords: how many were given.
std::string explain(const std::string& label, const Error& error, size_t passwords);

}  // namespace pdf2md::ctl
