#include "daemon/worker/assemble_task.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "daemon/worker/records.h"
#include "document/outputs.h"
#include "proto/fd.h"
#include "proto/job_folder.h"

namespace pdf2md::worker {
namespace {

using document::DocumentInfo;

constexpr size_t kMaxPictureBytes = 512 << 20;

// A file that appears whole or not at all, written through a buffer.
class OutputFile {
 public:
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path) {
    std::string temporary = path + ".tmp";
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd.valid()) return io_error(temporary);
    return std::unique_ptr<OutputFile>(new OutputFile(path, std::move(fd)));
  }
  ~OutputFile() {
    if (fd_.valid()) ::unlink((path_ + ".tmp").c_str());
  }

  Status write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBuffered ? Status(Ok{}) : flush();
  }
  // fsync, rename. Returns the size.
  Result<uint64_t> finish() {
    Status flushed = flush();
    if (!flushed) return flushed.error();
    if (::fsync(fd_.get()) != 0 || ::rename((path_ + ".tmp").c_str(), path_.c_str()) != 0) {
      return io_error(path_);
    }
    fd_.reset();
    return size_;
  }

 private:
  static constexpr size_t kBuffered = 1 << 16;
  OutputFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Status flush() {
    Status written = write_all(fd_.get(), buffer_);
    size_ += buffer_.size();
    buffer_.clear();
    return written;
  }

  std::string path_;
  Fd fd_;
  std::string buffer_;
  uint64_t size_ = 0;
};

// Figures that page threads saved, by name.
std::vector<proto::OutputInfo> list_assets(const std::string& folder) {
  std::vector<proto::OutputInfo> assets;
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir((folder + "/assets").c_str()),
                                                ::closedir);
  if (directory == nullptr) return assets;
  while (const struct dirent* entry = ::readdir(directory.get())) {
    std::string output = std::string("assets/") + entry->d_name;
    std::string path = proto::output_path(folder, output);
    struct stat info {};
    bool finished = !path.empty() && output.ends_with(".png");
    if (finished && ::stat(path.c_str(), &info) == 0) {
      assets.push_back(proto::OutputInfo{output, static_cast<uint64_t>(info.st_size)});
    }
  }
  std::sort(assets.begin(), assets.end(),
            [](const proto::OutputInfo& a, const proto::OutputInfo& b) { return a.name < b.name; });
  return assets;
}

}  // namespace

Result<std::vector<proto::OutputInfo>> assemble_outputs(const std::string& folder,
                                                        const std::vector<uint32_t>& pages,
                                                        const proto::JobOptions& options,
                                                        const std::atomic<bool>& abandoned) {
  Result<DocumentInfo> info = load_info(folder);
  if (!info) return info.error();
  document::PageLoader load = [&](uint32_t page) -> Result<document::PageRecord> {
    if (abandoned) return Error{ErrorCode::kCancelled, "the job was cancelled", ""};
    return load_page(folder, page);
  };
  std::vector<std::pair<std::string, std::unique_ptr<OutputFile>>> files;
  document::OutputOpener open = [&](const std::string& output) -> Result<document::ByteSink> {
    Result<std::unique_ptr<OutputFile>> file =
        OutputFile::create(proto::output_path(folder, output));
    if (!file) return file.error();
    OutputFile* to = file->get();
    files.emplace_back(output, std::move(*file));
    return document::ByteSink([to](std::string_view bytes) { return to->write(bytes); });
  };
  document::SavedPictures saved;
  saved.asset = [&](const std::string& name) -> Result<std::string> {
    return read_file(proto::asset_path(folder, name), kMaxPictureBytes);
  };
  saved.page = [&](uint32_t page) -> Result<std::string> {
    std::string path = proto::page_picture_path(folder, page);
    // A page that could not be drawn has none.
    if (::access(path.c_str(), F_OK) != 0) return std::string();
    return read_file(path, kMaxPictureBytes);
  };
  Status written = document::write_outputs(*info, pages, options, load, open, saved);
  if (!written) return written.error();
  std::vector<proto::OutputInfo> outputs;
  for (auto& [name, file] : files) {
    Result<uint64_t> size = file->finish();
    if (!size) return size.error();
    outputs.push_back(proto::OutputInfo{name, *size});
  }
  // The renames, too, have to be on disk before anybody is told.
  Fd names(::open((folder + "/output").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!names.valid() || ::fsync(names.get()) != 0) return io_error(folder + "/output");
  for (proto::OutputInfo& asset : list_assets(folder)) outputs.push_back(std::move(asset));
  return outputs;
}

}  // namespace pdf2md::worker
