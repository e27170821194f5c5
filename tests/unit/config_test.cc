#include "daemon/supervisor/config.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "daemon/supervisor/options.h"
#include "proto/fd.h"

namespace pdf2md::supervisor {
namespace {

ConfigProblems read(const std::string& text, Config& config) {
  ConfigProblems problems;
  apply_file("f", text, config, problems);
  return problems;
}

TEST_CASE("config: values arrive, in their units") {
  Config config;
  CHECK(read("workers = 3\ndevice = \"cuda:1\"\n[limits]\npage_timeout_s = 1.5\nmax_document_mib = "
             "2\n[socket]\nmode = \"0600\"\n",
             config)
            .empty());
  CHECK(config.workers == 3);
  CHECK(config.device == "cuda:1");
  CHECK(config.limits.page_timeout_ms == 1500);
  CHECK(config.max_document_bytes == 2 << 20);
  CHECK(config.socket.mode == 0600);
}

TEST_CASE("config: each mistake is reported with its line, and leaves its value alone") {
  Config config;
  ConfigProblems problems = read(
      "wrokers = 1\nworkers = \"two\"\nreaders = 65\nthreads = 1.5\ndevice = "
      "\"gpu\"\n[log]\nformat = \"xml\"\n"
      "[socket]\nmode = \"999\"\nmode2 = [1]\n[nonsense]\n",
      config);
  std::vector<std::string> all;
  for (const ConfigProblem& problem : problems) all.push_back(problem.where + ": " + problem.what);
  REQUIRE(all.size() == 9);
  CHECK(all[0] == "f:1: \"wrokers\" is not a known key (did you mean workers?)");
  CHECK(all[1] == "f:2: \"workers\" is not a number");
  CHECK(all[2] == "f:3: \"readers\" 65 is out of range (0 to 64)");
  CHECK(all[3] == "f:4: \"threads\" is not a whole number");
  CHECK(all[4] ==
        "f:5: \"device\" \"gpu\" is not a device (auto, cpu, cuda, cuda:N or a list of GPUs)");
  CHECK(all[5] == "f:7: \"log.format\" \"xml\" is not one of auto, text, journal, json");
  CHECK(all[6].find("f:9: \"socket.mode\" \"999\" is not a file mode") == 0);
  CHECK(all[7].find("f:10: ") == 0);
  CHECK(all[8] == "f:11: [nonsense] is not a section");
  CHECK(config.readers == 0);
  CHECK(config.socket.mode == 0660);
}

TEST_CASE("config: a service manager's folders are the defaults, the first of each list") {
  std::map<std::string, std::string> variables = {{"HOME", "/home/x"},
                                                  {"STATE_DIRECTORY", "/var/lib/pdf2md:/other"},
                                                  {"RUNTIME_DIRECTORY", "/run/pdf2md"}};
  Config config = default_config("/opt/bin", 1000, [&](const char* name) -> const char* {
    return variables.count(name) ? variables[name].c_str() : nullptr;
  });
  CHECK(config.state_dir == "/var/lib/pdf2md");
  CHECK(config.socket.path == "/run/pdf2md/pdf2md.sock");
}

TEST_CASE("config: a GPU is expected where one was asked for, or is there and may be taken") {
  Config config;
  CHECK_FALSE(expects_gpu(config, Machine{1, 0}));
  CHECK(expects_gpu(config, Machine{1, 1}));
  config.device = "cuda:0";
  CHECK(expects_gpu(config, Machine{1, 0}));
  config.device = "cpu";
  CHECK_FALSE(expects_gpu(config, Machine{1, 1}));
}

TEST_CASE("config: GPUs by number, list and UUID") {
  const Key* key = find_key("device");
  Config config;
  for (const char* sound : {"auto", "cpu", "cuda", "cuda:0", "cuda:0,2,11",
                            "cuda:GPU-5c2ac8a0-1f0a-4d6e-9b9c-0123456789ab",
                            "cuda:MIG-5c2ac8a0-1f0a-4d6e-9b9c-0123456789ab,GPU-12"}) {
    INFO(sound);
    CHECK(key->assign_text(config, sound) == "");
  }
  for (const char* wrong : {"", "cuda:", "cuda:0,", "cuda:,0", "cuda:1234", "cuda:GPU-",
                            "cuda:GPU-x", "cuda:0;1", "gpu", "cuda:0 1", "cpu,cuda"}) {
    INFO(wrong);
    CHECK(key->assign_text(config, wrong) != "");
  }
}

TEST_CASE("config: true and false") {
  Config config;
  CHECK(read("[recycle]\nwarm = false\n", config).empty());
  CHECK_FALSE(config.recycle.warm);
  CHECK(find_key("recycle.warm")->assign_text(config, "1") == "");
  CHECK(config.recycle.warm);
  ConfigProblems problems = read("[recycle]\nwarm = 0\n", config);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].what == "\"recycle.warm\" is neither true nor false");
  CHECK(find_key("recycle.warm")->assign_text(config, "yes") != "");
}

TEST_CASE("config: what is no TOML is reported with its line") {
  Config config;
  ConfigProblems problems = read("workers = 1\n= 2\n", config);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "f:2");
  problems = read("workers = 1\n[\x02", config);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "f:2");
}

TEST_CASE("config: the environment, with its own names") {
  std::map<std::string, std::string> variables = {
      {"PDF2MD_WORKERS", "5"}, {"PDF2MD_SOCKET", "/s"}, {"PDF2MD_QUEUE_MAX_JOBS", "x"}};
  Config config;
  ConfigProblems problems;
  apply_environment(
      [&](const char* name) { return variables.count(name) ? variables[name].c_str() : nullptr; },
      config, problems);
  CHECK(config.workers == 5);
  CHECK(config.socket.path == "/s");
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "PDF2MD_QUEUE_MAX_JOBS");
}

TEST_CASE(
    "config: every key has a variable of its own, accepts its default, and is printed so that it "
    "can be read") {
  Config defaults = default_config("/opt/bin", 0, [](const char*) { return nullptr; });
  std::map<std::string_view, int> variables;
  for (const Key& key : all_keys()) ++variables[key.variable];
  for (const auto& [variable, count] : variables)
    CHECK((variable.substr(0, 7) == "PDF2MD_" && count == 1));
  Config again;
  CHECK(read(print_config(defaults), again).empty());
  CHECK(print_config(again) == print_config(defaults));
  ConfigProblems problems;
  check_together(defaults, problems);
  CHECK(problems.empty());
}

TEST_CASE(
    "config: the man page documents every key with its variable, the example holds the defaults") {
  // build/bin/ lies below the tree, and so does build/tsan/bin/.
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "man/pdf2mdd.toml.5"))
    folder = folder.parent_path();
  std::string tree = folder.string();
  Result<std::string> page = read_file(tree + "/man/pdf2mdd.toml.5", 1 << 20);
  Result<std::string> example = read_file(tree + "/systemd/pdf2mdd.toml", 1 << 20);
  REQUIRE((page.ok() && example.ok()));
  for (const Key& key : all_keys()) {
    INFO(key.full_name());
    CHECK(page->find(".It Cm " + std::string(key.name) + " ") != std::string::npos);
    CHECK(page->find(".Ev " + std::string(key.variable) + "\n") != std::string::npos);
    CHECK(example->find("\n" + std::string(key.syntax == "path" ? "#" : "") +
                        std::string(key.name) + " = ") != std::string::npos);
  }
  Config config, defaults;
  CHECK(read(*example, config).empty());
  CHECK(print_config(config) == print_config(defaults));
}

TEST_CASE("config: settings that contradict each other") {
  Config config;
  config.supervision.backoff_min_ms = 10;
  config.supervision.backoff_max_ms = 5;
  config.socket.path = std::string(108, 'x');
  ConfigProblems problems;
  check_together(config, problems);
  CHECK(problems.size() == 2);
}

TEST_CASE("config: what is left open is decided by the machine") {
  Config config;
  CHECK(resolve(config, {8, 0}).workers == 1);
  CHECK(resolve(config, {8, 0}).threads == 8);
  CHECK(resolve(config, {8, 4}).workers == 4);
  CHECK(resolve(config, {8, 4}).threads == 2);
  CHECK(resolve(config, {2, 0}).readers == 2);
  CHECK(resolve(config, {64, 0}).readers == 8);
  CHECK(resolve(config, {16, 1}).readers == 32);
  CHECK(resolve(config, {64, 1}).readers == 48);
  using Devices = std::vector<std::string>;
  CHECK(devices_of(config, {8, 2}) == Devices{"cuda:0", "cuda:1"});
  CHECK(devices_of(config, {8, 1}) == Devices{"auto"});
  config.device = "cpu";
  CHECK(resolve(config, {8, 4}).workers == 1);
  CHECK(devices_of(config, {8, 4}) == Devices{"cpu"});
  config.device = "cuda:0,2";
  CHECK(devices_of(config, {8, 4}) == Devices{"cuda:0", "cuda:2"});
  CHECK(resolve(config, {8, 4}).workers == 2);
  config.device = "cuda:GPU-1a,GPU-2b";
  CHECK(devices_of(config, {8, 4}) == Devices{"cuda:GPU-1a", "cuda:GPU-2b"});
}

TEST_CASE("options: flags, values, mistakes") {
  Result<Options> options = parse_options(
      {"--workers", "2", "--state=/x", "--set", "log.level=debug", "--ready-fd", "7"});
  REQUIRE(options);
  CHECK(options->settings == std::vector<std::pair<std::string, std::string>>{
                                 {"workers", "2"}, {"state_dir", "/x"}, {"log.level", "debug"}});
  CHECK(options->ready_fd == 7);
  CHECK_FALSE(parse_options({"--workers"}));
  CHECK_FALSE(parse_options({"--help=1"}));
  CHECK_FALSE(parse_options({"--ready-fd", "-1"}));
  CHECK_FALSE(parse_options({"extra"}));
  CHECK(parse_options({"--wrokers", "1"}).error().message.find("--workers") != std::string::npos);
}

}  // namespace
}  // namespace pdf2md::supervisor
