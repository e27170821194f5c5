#include "support.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "catch.h"

namespace pdf2md::models::test {

namespace {

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] != '\0' ? value : otherwise;
}

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  INFO(path << " (tests/model/reference.py writes the reference)");
  REQUIRE(in.good());
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

}  // namespace

std::string model_directory() {
  return from_environment("PDF2MD_MODELS", ".deps/models");
}
std::string reference_directory() {
  return from_environment("PDF2MD_REFERENCE", "build/reference");
}
std::string test_device() {
  return from_environment("PDF2MD_TEST_DEVICE", "cpu");
}

ModelSet& model_set(const std::string& device) {
  static std::map<std::string, std::unique_ptr<ModelSet>> loaded;
  std::unique_ptr<ModelSet>& set = loaded[device];
  if (set == nullptr) {
    const Result<DeviceInfo> info = open_device(device);
    if (!info) FAIL(to_string(info.error()));
    Result<std::unique_ptr<ModelSet>> result = ModelSet::load(model_directory(), *info, 2);
    if (!result) FAIL(to_string(result.error()));
    set = std::move(*result);
    const Status warm = set->warm_up();
    if (!warm) FAIL(to_string(warm.error()));
  }
  return *set;
}

RawTensor read_tensor(const std::string& path) {
  const std::string bytes = read_all(path);
  RawTensor tensor;
  int64_t rank = 0;
  REQUIRE(bytes.compare(0, 4, "TNSR") == 0);
  std::memcpy(&rank, bytes.data() + 4, 8);
  tensor.sizes.resize(static_cast<size_t>(rank));
  std::memcpy(tensor.sizes.data(), bytes.data() + 12, tensor.sizes.size() * 8);
  const size_t head = 12 + tensor.sizes.size() * 8;
  tensor.values.resize((bytes.size() - head) / 4);
  std::memcpy(tensor.values.data(), bytes.data() + head, tensor.values.size() * 4);
  return tensor;
}

Image read_ppm(const std::string& path) {
  const std::string bytes = read_all(path);
  std::istringstream in(bytes);
  std::string magic;
  int most = 0;
  Image image;
  in >> magic >> image.width >> image.height >> most;
  REQUIRE(magic == "P6");
  in.get();
  image.pixels.resize(static_cast<size_t>(image.width) * image.height * 3);
  in.read(reinterpret_cast<char*>(image.pixels.data()),
          static_cast<std::streamsize>(image.pixels.size()));
  return image;
}

std::vector<std::string> files(const std::string& folder, const std::string& suffix) {
  std::vector<std::string> paths;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().string().ends_with(suffix)) paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> read_lines(const std::string& path) {
  std::istringstream in(read_all(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  double total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

Result<std::vector<TextLine>> Asker::lines_of(const Images& images) const {
  std::vector<TextLine> all;
  for (const ImageView& image : images) {
    const float right = static_cast<float>(image.width), bottom = static_cast<float>(image.height);
    const Quad whole[] = {{{0, right, right, 0}, {0, 0, bottom, bottom}}};
    const Result<std::vector<TextLine>> line = set_.cut_lines(image, whole);
    if (!line) return line.error();
    all.push_back(line->front());
  }
  return all;
}

Result<std::vector<RecognisedText>> Asker::recognise(const Images& lines) const {
  const Result<std::vector<TextLine>> cut = lines_of(lines);
  if (!cut) return cut.error();
  return finished(set_.recognise(*cut));
}

Result<std::vector<bool>> Asker::is_upside_down(const Images& lines) const {
  const Result<std::vector<TextLine>> cut = lines_of(lines);
  if (!cut) return cut.error();
  return finished(set_.is_upside_down(*cut));
}

}  // namespace pdf2md::models::test
