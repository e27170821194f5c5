#include "ctl/batch_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <set>

#include "ctl/file_output.h"
#include "ctl/interrupt.h"
#include "ctl/output_plan.h"
#include "ctl/text.h"

namespace pdf2md::ctl {
namespace {

// Of pictures only TIFF, which is what scanners make documents of: the others mostly illustrate
// something.
constexpr const char* kEndings[] = {".pdf", ".epub", ".tif", ".tiff"};
constexpr size_t kMaxListBytes = 256 << 20;

class Lister {
 public:
  explicit Lister(const BatchListRequest& request) : request_(request) {
    struct stat info {};
    if (::stat(request.output_folder.c_str(), &info) == 0)
      output_ = FileId(info.st_dev, info.st_ino);
  }

  Result<std::vector<BatchInput>> run() {
    for (const std::string& operand : request_.operands) {
      bool folder = probe_path(operand) == PathKind::kFolder;
      if (folder && request_.recursive) {
        std::string start = operand;
        while (start.size() > 1 && start.back() == '/') start.pop_back();
        walk(start, "");
      } else {
        std::string path = operand == "-" ? "./-" : operand;  // in a list it is a file's name
        add(path, base_name(path), unreadable(path, folder));
      }
      if (interrupted_by() != 0) return Error{ErrorCode::kCancelled, "interrupted", ""};
    }
    return std::move(inputs_);
  }

 private:
  static std::optional<Error> unreadable(const std::string& path, bool folder) {
    if (folder) {
      return Error{ErrorCode::kIo, printable(path) + ": is a folder",
                   "-r converts the documents in it"};
    }
    if (::access(path.c_str(), R_OK) != 0) return io_error(printable(path));
    return std::nullopt;
  }

  void add(const std::string& path, const std::string& relative, std::optional<Error> error) {
    BatchInput input{path, absolute_path(path), relative, std::move(error)};
    if (seen_.insert(input.absolute).second) inputs_.push_back(std::move(input));
  }

  // `below`: the folder's path below the one that was named, with a slash at its end.
  void walk(const std::string& folder, const std::string& below) {
    if (interrupted_by() != 0) return;
    struct stat info {};
    bool named = below.empty();  // what was named is searched, even if results go there
    if (!named && ::stat(folder.c_str(), &info) == 0 &&
        output_ == FileId(info.st_dev, info.st_ino)) {
      return;
    }
    DIR* stream = ::opendir(folder.c_str());
    if (stream == nullptr) return add(folder, below, io_error(printable(folder)));
    std::vector<std::string> names;
    while (const struct dirent* entry = ::readdir(stream)) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      std::string path = (folder == "/" ? "" : folder) + "/" + name;
      struct stat link {};
      if (::lstat(path.c_str(), &link) == 0 && S_ISDIR(link.st_mode)) {
        walk(path, below + name + "/");
      } else if (is_document_name(name) && probe_path(path) == PathKind::kFile) {
        add(path, below + name, unreadable(path, false));
      }
    }
  }

  const BatchListRequest& request_;
  std::optional<FileId> output_;
  std::set<std::string> seen_;
  std::vector<BatchInput> inputs_;
};

}  // namespace

std::string absolute_path(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  char buffer[PATH_MAX];
  if (::realpath(folder.c_str(), buffer) == nullptr) return path;
  std::string start = buffer;
  if (start != "/") start += '/';
  return start + (slash == std::string::npos ? path : path.substr(slash + 1));
}

bool is_document_name(std::string_view name) {
  return std::any_of(std::begin(kEndings), std::end(kEndings), [name](std::string_view ending) {
    return name.size() > ending.size() && ::strncasecmp(name.data() + name.size() - ending.size(),
                                                        ending.data(), ending.size()) == 0;
  });
}

Result<std::vector<BatchInput>> list_documents(const BatchListRequest& request) {
  return Lister(request).run();
}

std::vector<std::string> split_names(std::string_view list) {
  char separator = list.find('\0') == std::string_view::npos ? '\n' : '\0';
  std::vector<std::string> names;
  while (!list.empty()) {
    size_t end = std::min(list.find(separator), list.size());
    if (end > 0) names.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return names;
}

Result<std::vector<std::string>> read_names(const std::string& path) {
  Fd fd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                    : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return io_error("--files-from " + printable(path));
  std::string list;
  char buffer[1 << 16];
  for (;;) {
    if (wait_on(fd.get(), POLLIN, -1) == Wake::kInterrupted)
      return Error{ErrorCode::kCancelled, "interrupted", ""};
    ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return io_error("--files-from " + printable(path));
    if (n == 0) return split_names(list);
    list.append(buffer, static_cast<size_t>(n));
    if (list.size() > kMaxListBytes)
      return Error{ErrorCode::kIo, "--files-from " + printable(path) + ": too long", ""};
  }
}

}  // namespace pdf2md::ctl
