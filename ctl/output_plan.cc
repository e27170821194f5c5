#include "ctl/output_plan.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "ctl/input.h"
#include "ctl/text.h"
#include "proto/output_names.h"

namespace pdf2md::ctl {
namespace {

Error unusable(const std::string& message, const std::string& hint) {
  return Error{ErrorCode::kBadOptions, message, hint};
}

std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// The name that the results of an input get, without an ending.
std::string stem_of(const PlanRequest& request, const std::string& input) {
  if (!request.name.empty()) return without_extension(base_name(request.name));
  if (input == "-") return "stdin";
  return without_extension(base_name(input));
}

void place_images(DocumentPlan& plan, const std::string& stem) {
  plan.asset_folder = stem + "_assets";
  plan.asset_prefix = percent_encoded(base_name(stem) + "_assets") + "/";
}

struct Destination {
  enum class Kind { kStandardOutput, kBeside, kFolder, kFile } kind = Kind::kBeside;
  std::string path;
};

Result<Destination> choose_destination(const PlanRequest& request, const PathProbe& probe) {
  using Kind = Destination::Kind;
  bool single = request.inputs.size() == 1;
  if (request.output_path == nullptr) {
    if (single && request.outputs.size() == 1) return Destination{Kind::kStandardOutput, ""};
    return Destination{Kind::kBeside, ""};
  }
  const std::string& path = *request.output_path;
  if (path == "-") {
    if (request.outputs.size() == 1) return Destination{Kind::kStandardOutput, ""};
    return unusable("several outputs cannot share standard output",
                    "choose one with --output, or give a folder: -o DIR/");
  }
  PathKind kind = probe(path);
  if (path.back() == '/' || kind == PathKind::kFolder) return Destination{Kind::kFolder, path};
  if (!single) {
    return unusable("-o " + printable(path) + ": one file cannot hold several documents",
                    "for a folder write -o " + printable(path) + "/");
  }
  if (kind == PathKind::kSpecial && request.outputs.size() > 1) {
    return unusable("-o " + printable(path) + ": several outputs need files", "");
  }
  return Destination{Kind::kFile, path};
}

}  // namespace

std::string output_file(const std::string& stem, const std::string& output) {
  const proto::OutputKind* kind = proto::find_output(output);
  return stem + (kind != nullptr ? kind->ending : "." + output);
}

std::string base_name(const std::string& path) {
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  size_t slash = trimmed.rfind('/');
  return slash == std::string::npos ? trimmed : trimmed.substr(slash + 1);
}

std::string without_extension(const std::string& name) {
  size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

std::string percent_encoded(const std::string& reference) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (std::string_view rest = reference; !rest.empty();) {
    size_t size = utf8_sequence(rest);
    char c = rest[0];
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (size > 1 || alphanumeric ||
        std::string_view("-._~/+,=@").find(c) != std::string_view::npos) {
      encoded += rest.substr(0, std::max<size_t>(size, 1));
    } else {
      unsigned char byte = static_cast<unsigned char>(c);
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    rest.remove_prefix(std::max<size_t>(size, 1));
  }
  return encoded;
}

std::string percent_decoded(const std::string& reference) {
  std::string decoded;
  for (size_t i = 0; i < reference.size(); ++i) {
    unsigned byte = 0;
    const char* digits = reference.data() + i + 1;
    bool encoded = reference[i] == '%' && i + 2 < reference.size() &&
                   std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    decoded += encoded ? static_cast<char>(byte) : reference[i];
    if (encoded) i += 2;
  }
  return decoded;
}

std::string asset_folder_name(const std::string& job_name) {
  std::string stem = without_extension(base_name(job_name));
  return (stem.empty() || stem == "/" ? "document" : stem) + "_assets";
}

DocumentPlan plan_at(const std::string& input, const std::string& name, const std::string& stem,
                     const std::vector<std::string>& outputs, bool images) {
  DocumentPlan plan;
  plan.input = input;
  plan.name = name;
  for (const std::string& output : outputs)
    plan.targets.push_back({output, output_file(stem, output)});
  if (images) place_images(plan, stem);
  return plan;
}

Result<std::vector<DocumentPlan>> plan_outputs(const PlanRequest& request, const PathProbe& probe) {
  using Kind = Destination::Kind;
  Result<Destination> destination = choose_destination(request, probe);
  if (!destination) return destination.error();
  std::vector<DocumentPlan> plans;
  std::map<std::string, std::string> taken;  // path → the input whose result it is
  for (const std::string& input : request.inputs) {
    DocumentPlan plan;
    plan.input = input;
    plan.name = !request.name.empty() ? request.name : input == "-" ? "stdin" : base_name(input);
    std::string stem = stem_of(request, input);
    std::string exact;  // the one path, as given
    switch (destination->kind) {
      case Kind::kStandardOutput:
        break;
      case Kind::kBeside:
        if (input == "-") {
          return unusable("what comes from standard input has no place beside its source",
                          "say where to with -o");
        }
        stem = folder_of(input) + stem;
        break;
      case Kind::kFolder:
        stem = destination->path + (destination->path.back() == '/' ? "" : "/") + stem;
        break;
      case Kind::kFile:
        stem = folder_of(destination->path) + without_extension(base_name(destination->path));
        if (request.outputs.size() == 1) exact = destination->path;
        break;
    }
    for (const std::string& output : request.outputs) {
      std::string path = !exact.empty() ? exact : output_file(stem, output);
      if (destination->kind == Kind::kStandardOutput) path.clear();
      plan.targets.push_back({output, path});
      if (path.empty()) continue;
      auto [entry, fresh] = taken.emplace(path, input);
      if (!fresh) {
        return unusable(label_of(entry->second) + " and " + label_of(input) +
                            " would both be written to " + printable(path),
                        "convert them one by one, each with its own -o");
      }
    }
    bool to_files = destination->kind != Kind::kStandardOutput &&
                    !(!exact.empty() && probe(exact) == PathKind::kSpecial);
    if (request.images && to_files) place_images(plan, stem);
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace pdf2md::ctl
