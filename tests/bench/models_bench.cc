// What the networks alone can do on a device: the ceiling of everything built around them.
//
//   models_bench DEVICE nets            images a second of each network, by shape and batch
//   models_bench DEVICE steps ROLE WxH BATCH   time of one network by kind of step
//   models_bench DEVICE pages THREADS SECONDS PAGE.pgm...   pages read and laid out a second
//
// PDF2MD_MODELS names the folder of the models (.deps/models).
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "daemon/worker/ocr.h"
#include "models/manifest.h"
#include "models/onnx/network.h"

namespace {

using namespace pdf2md;
using namespace pdf2md::models;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "models_bench: %s\n", to_string(result.error()).c_str());
  std::exit(1);
}

std::string model_folder() {
  const char* folder = std::getenv("PDF2MD_MODELS");
  return folder != nullptr ? folder : ".deps/models";
}

std::unique_ptr<onnx::Network> load(const std::string& role, at::Device device) {
  const Manifest manifest = must(read_manifest(model_folder()));
  const ModelEntry* entry = must(manifest.find(role));
  onnx::NetworkOptions options;
  options.device = device;
  options.dtype = device.is_cuda() ? at::kHalf : at::kFloat;
  options.outputs = entry->outputs;
  options.best_class = role == "text-recognition";
  return must(onnx::Network::load(must(read_model_file(manifest, *entry)), options));
}

void wait_for(const at::Tensor& tensor) {
  tensor.flatten().slice(0, 0, 1).to(at::kCPU);
}

at::Tensor input_of(int64_t batch, int64_t width, int64_t height, const onnx::Network& network) {
  at::TensorOptions options = at::TensorOptions(network.device()).dtype(network.dtype());
  return at::rand({batch, height, width, 3}, options).permute({0, 3, 1, 2});
}

void bench_nets(at::Device device) {
  struct Case {
    const char* role;
    int64_t width, height, batch;
  };
  const Case cases[] = {{"text-detection", 1088, 1536, 8},
                        {"text-detection", 1088, 1536, 1},
                        {"text-recognition", 320, 48, 64},
                        {"text-recognition", 640, 48, 32},
                        {"text-recognition", 1920, 48, 16},
                        {"text-recognition", 1920, 48, 64},
                        {"line-orientation", 192, 48, 64},
                        {"page-orientation", 224, 224, 8},
                        {"layout", 608, 800, 8}};
  std::map<std::string, std::unique_ptr<onnx::Network>> networks;
  for (const Case& c : cases) {
    std::unique_ptr<onnx::Network>& network = networks[c.role];
    if (network == nullptr) network = load(c.role, device);
    const at::Tensor input = input_of(c.batch, c.width, c.height, *network);
    for (int i = 0; i < 2; ++i) wait_for(network->run_one(input));
    const int rounds = device.is_cuda() ? 20 : 2;
    const Clock::time_point start = Clock::now();
    at::Tensor last;
    for (int i = 0; i < rounds; ++i) last = network->run_one(input);
    const double queued = seconds_since(start);
    wait_for(last);
    const double all = seconds_since(start);
    std::printf("%-17s %4ldx%-4ld x%-3ld %8.2f ms a call, %8.2f ms of the host, %9.0f images/s\n",
                c.role, c.width, c.height, c.batch, all / rounds * 1e3, queued / rounds * 1e3,
                static_cast<double>(c.batch) * rounds / all);
  }
}

void bench_steps(at::Device device, const std::string& role, int64_t width, int64_t height,
                 int64_t batch) {
  const std::unique_ptr<onnx::Network> network = load(role, device);
  const at::Tensor input = input_of(batch, width, height, *network);
  for (int i = 0; i < 2; ++i) wait_for(network->run_one(input));
  std::map<std::string, std::pair<int, double>> times;  // by kind
  double total = 0;
  constexpr int kRounds = 20;
  network->run({input}, [&](const std::string& op, const std::function<void()>& step,
                            const onnx::Values& out) {
    step();
    if (out[0].device().is_cuda()) wait_for(out[0]);
    const Clock::time_point from = Clock::now();
    for (int round = 0; round < kRounds; ++round) step();
    if (out[0].device().is_cuda()) wait_for(out[0]);
    const double s = seconds_since(from) / kRounds;
    std::string kind = op;
    const int64_t first = std::min<int64_t>(1, out[0].dim());
    for (int64_t size : out[0].sizes().slice(static_cast<size_t>(first)))
      kind += " " + std::to_string(size);
    auto& [count, sum] = times[kind];
    ++count, sum += s, total += s;
  });
  std::vector<std::tuple<double, int, std::string>> sorted;
  for (const auto& [kind, time] : times) sorted.emplace_back(time.second, time.first, kind);
  std::sort(sorted.rbegin(), sorted.rend());
  std::printf("%s %ldx%ld x%ld: %.2f ms in %zu steps, each run %d times in a row\n", role.c_str(),
              width, height, batch, total * 1e3, network->node_count(), kRounds);
  for (size_t i = 0; i < std::min<size_t>(40, sorted.size()); ++i) {
    const auto& [sum, count, kind] = sorted[i];
    std::printf("%8.3f ms %5.1f %%  %3d x %s\n", sum * 1e3, sum / total * 100, count, kind.c_str());
  }
}

// Of this process, all threads.
double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
         static_cast<double>(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

// 8-bit binary PGM.
Image read_pgm(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  Image image;
  int most = 0;
  file >> magic >> image.width >> image.height >> most;
  file.get();
  image.channels = 1;
  if (magic == "P5" && most == 255)
    image.pixels.resize(static_cast<size_t>(image.width) * image.height);
  file.read(reinterpret_cast<char*>(image.pixels.data()),
            static_cast<std::streamsize>(image.pixels.size()));
  if (!file || image.pixels.empty()) {
    std::fprintf(stderr, "models_bench: %s: not a binary 8-bit PGM\n", path.c_str());
    std::exit(1);
  }
  return image;
}

void bench_pages(const DeviceInfo& device, int threads, double seconds,
                 const std::vector<std::string>& paths) {
  std::vector<Image> pages;
  for (const std::string& path : paths) pages.push_back(read_pgm(path));
  std::unique_ptr<ModelSet> set = must(ModelSet::load(model_folder(), device, device.cuda ? 1 : 2));
  if (const Status warm = set->warm_up(); !warm) must(Result<int>(warm.error()));
  worker::ModelExecutor executor(
      std::move(set), !device.cuda, device.cuda ? 3 : 1, [](const Error& error) {
        std::fprintf(stderr, "models_bench: %s\n", to_string(error).c_str());
        std::_Exit(1);
      });
  std::atomic<int> next = 0, done = 0;
  std::atomic<size_t> lines = 0;
  std::atomic<bool> stop = false, measuring = false;
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      worker::PageUse use;
      worker::PageModels models(executor, use);
      while (!stop) {
        const Image& image = pages[static_cast<size_t>(next++) % pages.size()];
        const Picture page = must(models.on_device(image.view()));
        const worker::OcrResult read = must(worker::read_page_raster(models, page, 200.0 / 72));
        must(models.layout({&page, 1}));
        if (measuring) ++done, lines += read.lines.size();
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(device.cuda ? 3.0 : 0.1));
  measuring = true;
  const Clock::time_point start = Clock::now();
  const double cpu_before = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const int pages_done = done;
  const size_t lines_done = lines;
  const double cpu = cpu_seconds() - cpu_before;
  const double elapsed = seconds_since(start);
  stop = true;
  for (std::thread& worker : workers) worker.join();
  std::printf(
      "%d threads: %.1f pages/s, %.0f lines/s (%.1f lines a page), %.1f ms of the host a page\n",
      threads, pages_done / elapsed, static_cast<double>(lines_done) / elapsed,
      static_cast<double>(lines_done) / std::max(1, pages_done),
      cpu * 1e3 / std::max(1, pages_done));
}

int usage() {
  std::fprintf(stderr,
               "usage: models_bench DEVICE nets\n"
               "       models_bench DEVICE steps ROLE WIDTH HEIGHT BATCH\n"
               "       models_bench DEVICE pages THREADS SECONDS PAGE.pgm...\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.size() < 2) return usage();
  const DeviceInfo device = must(open_device(args[0]));
  const c10::InferenceMode inference;
  if (args[1] == "nets") {
    bench_nets(at::Device(device.id));
  } else if (args[1] == "steps" && args.size() == 6) {
    bench_steps(at::Device(device.id), args[2], std::atol(args[3].c_str()),
                std::atol(args[4].c_str()), std::atol(args[5].c_str()));
  } else if (args[1] == "pages" && args.size() > 4) {
    bench_pages(device, std::atoi(args[2].c_str()), std::atof(args[3].c_str()),
                {args.begin() + 4, args.end()});
  } else {
    return usage();
  }
  // Leaving the device's libraries in an order of their own choice is not worth the wait.
  std::fflush(stdout);
  std::_Exit(0);
}
