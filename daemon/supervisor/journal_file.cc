#include "daemon/supervisor/journal_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "proto/fd.h"
#include "proto/fields.h"

namespace pdf2md::supervisor {
namespace {

constexpr int kApplicationId = 0x70326d64;  // "p2md", for file(1)
constexpr int kBusyMs = 5000;

// From version n to n + 1, in order; a step that was released is never changed.
constexpr const char* kMigrations[] = {
    "CREATE TABLE jobs(id INTEGER PRIMARY KEY, state TEXT NOT NULL, uid INTEGER NOT NULL,"
    "                  name TEXT NOT NULL, finished_unix_ms INTEGER NOT NULL, record BLOB NOT "
    "NULL);"
    "CREATE TABLE pages(job INTEGER NOT NULL, page INTEGER NOT NULL, done INTEGER NOT NULL,"
    "                   status INTEGER NOT NULL, suspect INTEGER NOT NULL,"
    "                   deaths INTEGER NOT NULL, PRIMARY KEY(job, page)) WITHOUT ROWID;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('id_limit', 1);",
};
constexpr int kVersion = std::size(kMigrations);

constexpr size_t kMaxRecordBytes = 16 << 20;

}  // namespace

struct JournalFile::Database {
  std::string path;
  sqlite3* handle = nullptr;
  sqlite3_stmt* put_job = nullptr;
  sqlite3_stmt* put_page = nullptr;
  sqlite3_stmt* drop_job = nullptr;
  sqlite3_stmt* drop_pages = nullptr;
  sqlite3_stmt* put_limit = nullptr;

  ~Database() {
    for (sqlite3_stmt* statement : {put_job, put_page, drop_job, drop_pages, put_limit})
      sqlite3_finalize(statement);
    sqlite3_close(handle);
  }

  Error error() const {
    ErrorCode code = ErrorCode::kIo;
    std::string hint, cause;
    switch (sqlite3_errcode(handle) & 0xff) {
      case SQLITE_FULL:
        code = ErrorCode::kNoSpace;
        hint = "the disk is full: make room, or lower retention.max_mib";
        break;
      case SQLITE_IOERR: {
        int number = sqlite3_system_errno(handle);
        errno = number;
        Error system = io_error("");
        if (number != 0) cause = system.message;
        code = system.code;
        hint = system.hint;
        break;
      }
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
        hint = "the state folder has to be writable for the daemon";
        break;
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        hint =
            "move it and its -wal and -shm files away; pdf2mdd then starts with an empty queue and "
            "keeps the "
            "documents that were in it below lost/ in the state folder";
        break;
      default:
        break;
    }
    return Error{code, "the journal " + path + ": " + sqlite3_errmsg(handle) + cause, hint};
  }

  Status run(const std::string& sql) {
    if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error();
    return Ok{};
  }
  Status prepare(const char* sql, sqlite3_stmt** statement) {
    if (sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr) !=
        SQLITE_OK) {
      return error();
    }
    return Ok{};
  }
  // One row of text; for pragmas.
  Result<std::string> ask(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    Status prepared = prepare(sql, &statement);
    if (!prepared) return prepared.error();
    std::string text;
    int got = sqlite3_step(statement);
    if (got == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr)
      text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    if (got != SQLITE_ROW && got != SQLITE_DONE) return error();
    return text;
  }
  // A statement that answers nothing, ready to be used again.
  Status finish(sqlite3_stmt* statement) {
    int done = sqlite3_step(statement);
    Status status = Ok{};
    if (done != SQLITE_DONE) status = error();
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
  }

  // What a killed daemon had written and not synced is read as if it were on disk, and acted upon:
  // so it has to get there.
  Status sync_log() {
    Fd log(::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC));
    if (!log.valid() && errno == ENOENT) return Ok{};
    if (!log.valid() || ::fsync(log.get()) != 0) return io_error(path + "-wal");
    return Ok{};
  }
  Status check();
  Status migrate();
  Status prepare_all();
  Status apply(const JournalBatch& batch);
  Status put(const JobRecord& job);
  Status put(const PageMark& mark);
  Status drop(sqlite3_stmt* statement, uint64_t id) {
    sqlite3_bind_int64(statement, 1, static_cast<sqlite3_int64>(id));
    return finish(statement);
  }
};

Status JournalFile::Database::check() {
  Result<std::string> verdict = ask("PRAGMA quick_check(1)");
  if (!verdict) return verdict.error();
  if (*verdict == "ok") return Ok{};
  return Error{
      ErrorCode::kIo, "the journal " + path + " is damaged: " + *verdict,
      "restore it, or move it and its -wal and -shm files away; pdf2mdd then starts with an empty "
      "queue and keeps the documents that were in it below lost/ in the state folder"};
}

Status JournalFile::Database::migrate() {
  Result<std::string> found = ask("PRAGMA user_version");
  if (!found) return found.error();
  int version = std::atoi(found->c_str());
  if (version > kVersion) {
    return Error{ErrorCode::kIo,
                 "the journal " + path + " has version " + std::to_string(version) +
                     ", this pdf2mdd knows " + std::to_string(kVersion) + " at most",
                 "it was written by a newer pdf2mdd: use that one, or another state_dir"};
  }
  for (; version < kVersion; ++version) {
    Status done = run(std::string("BEGIN IMMEDIATE;") + kMigrations[version] +
                      "PRAGMA user_version = " + std::to_string(version + 1) +
                      "; PRAGMA application_id = " + std::to_string(kApplicationId) + "; COMMIT;");
    if (!done) return done;
  }
  return Ok{};
}

Status JournalFile::Database::prepare_all() {
  Status done = prepare(
      "INSERT INTO jobs VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(id) DO UPDATE SET state=?2, uid=?3,"
      " name=?4, finished_unix_ms=?5, record=?6",
      &put_job);
  if (done) {
    done = prepare(
        "INSERT INTO pages VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(job, page) DO UPDATE SET done=?3,"
        " status=?4, suspect=?5, deaths=?6",
        &put_page);
  }
  if (done) done = prepare("DELETE FROM jobs WHERE id = ?1", &drop_job);
  if (done) done = prepare("DELETE FROM pages WHERE job = ?1", &drop_pages);
  if (done) done = prepare("UPDATE meta SET value = ?1 WHERE key = 'id_limit'", &put_limit);
  return done;
}

Status JournalFile::Database::put(const JobRecord& job) {
  std::string record = proto::pack(job);
  std::string state = proto::name(job.state);
  sqlite3_bind_int64(put_job, 1, static_cast<sqlite3_int64>(job.id));
  sqlite3_bind_text(put_job, 2, state.data(), static_cast<int>(state.size()), SQLITE_TRANSIENT);
  sqlite3_bind_int64(put_job, 3, job.uid);
  sqlite3_bind_text(put_job, 4, job.options.name.data(), static_cast<int>(job.options.name.size()),
                    SQLITE_TRANSIENT);
  sqlite3_bind_int64(put_job, 5, job.finished_unix_ms);
  sqlite3_bind_blob64(put_job, 6, record.data(), record.size(), SQLITE_TRANSIENT);
  return finish(put_job);
}

Status JournalFile::Database::put(const PageMark& mark) {
  sqlite3_bind_int64(put_page, 1, static_cast<sqlite3_int64>(mark.job));
  sqlite3_bind_int64(put_page, 2, mark.page);
  sqlite3_bind_int(put_page, 3, mark.done ? 1 : 0);
  sqlite3_bind_int(put_page, 4, mark.status);
  sqlite3_bind_int(put_page, 5, mark.suspect ? 1 : 0);
  sqlite3_bind_int(put_page, 6, mark.deaths);
  return finish(put_page);
}

// Pages first: a job that is over in the same batch takes their rows along.
Status JournalFile::Database::apply(const JournalBatch& batch) {
  for (const PageMark& mark : batch.pages) {
    Status done = put(mark);
    if (!done) return done;
  }
  for (const JobRecord& job : batch.jobs) {
    Status done = put(job);
    if (done && job.over()) done = drop(drop_pages, job.id);
    if (!done) return done;
  }
  for (uint64_t id : batch.forgotten) {
    Status done = drop(drop_job, id);  // its pages went when it was over
    if (!done) return done;
  }
  return batch.id_limit == 0 ? Status(Ok{}) : drop(put_limit, batch.id_limit);
}

void JournalBatch::append(JournalBatch&& later) {
  auto join = [](auto& to, auto& from) {
    to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
  };
  join(jobs, later.jobs);
  join(pages, later.pages);
  join(forgotten, later.forgotten);
  if (later.id_limit != 0) id_limit = later.id_limit;
}

JournalFile::JournalFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}
JournalFile::~JournalFile() = default;

Result<std::unique_ptr<JournalFile>> JournalFile::open(const std::string& path) {
  auto database = std::make_unique<Database>();
  database->path = path;
  mode_t before = ::umask(0077);
  int opened =
      sqlite3_open_v2(path.c_str(), &database->handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Status done = opened == SQLITE_OK ? Status(Ok{}) : Status(database->error());
  if (done) {
    sqlite3_busy_timeout(database->handle, kBusyMs);
    done = database->check();
  }
  // FULL: in WAL mode, a commit returns after the fsync of the log.
  if (done) done = database->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  if (done) done = database->sync_log();
  if (done) done = database->migrate();
  if (done) done = database->prepare_all();
  ::umask(before);
  if (!done) return done.error();
  return std::unique_ptr<JournalFile>(new JournalFile(std::move(database)));
}

Status JournalFile::write(const JournalBatch& batch) {
  Status done = database_->run("BEGIN IMMEDIATE");
  if (done) done = database_->apply(batch);
  if (done) done = database_->run("COMMIT");
  // Some errors have rolled back already: then this one is refused, which is as well.
  if (!done) sqlite3_exec(database_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
  return done;
}

Result<JournalContents> JournalFile::read() {
  JournalContents contents;
  Result<std::string> limit = database_->ask("SELECT value FROM meta WHERE key = 'id_limit'");
  if (!limit) return limit.error();
  contents.id_limit = std::strtoull(limit->c_str(), nullptr, 10);
  sqlite3_stmt* rows = nullptr;
  Status prepared = database_->prepare("SELECT record FROM jobs ORDER BY id", &rows);
  if (!prepared) return prepared.error();
  int got;
  Status problem = Ok{};
  proto::DecodeLimits limits;
  limits.objects = 1 << 20;
  limits.string_bytes = kMaxRecordBytes;
  while ((got = sqlite3_step(rows)) == SQLITE_ROW) {
    std::string_view bytes(static_cast<const char*>(sqlite3_column_blob(rows, 0)),
                           static_cast<size_t>(sqlite3_column_bytes(rows, 0)));
    Result<JobRecord> record = proto::unpack<JobRecord>(bytes, limits);
    if (!record) {
      problem = record.error();
      break;
    }
    contents.jobs.push_back(std::move(*record));
  }
  if (problem && got != SQLITE_DONE) problem = database_->error();
  sqlite3_finalize(rows);
  if (!problem) {
    return Error{ErrorCode::kIo,
                 "the journal " + database_->path + " is damaged: " + problem.error().message,
                 problem.error().hint};
  }
  prepared = database_->prepare(
      "SELECT job, page, done, status, suspect, deaths FROM pages ORDER BY job, page", &rows);
  if (!prepared) return prepared.error();
  while ((got = sqlite3_step(rows)) == SQLITE_ROW) {
    PageMark mark;
    mark.job = static_cast<uint64_t>(sqlite3_column_int64(rows, 0));
    mark.page = static_cast<uint32_t>(sqlite3_column_int64(rows, 1));
    mark.done = sqlite3_column_int(rows, 2) != 0;
    mark.status = static_cast<uint8_t>(sqlite3_column_int(rows, 3));
    mark.suspect = sqlite3_column_int(rows, 4) != 0;
    mark.deaths = static_cast<uint8_t>(sqlite3_column_int(rows, 5));
    contents.pages.push_back(mark);
  }
  if (got != SQLITE_DONE) problem = database_->error();
  sqlite3_finalize(rows);
  if (!problem) return problem.error();
  return contents;
}

}  // namespace pdf2md::supervisor
