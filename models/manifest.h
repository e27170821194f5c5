// What a model directory holds: manifest.toml and the files that it names.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proto/result.h"

namespace pdf2md::models {

struct ModelEntry {
  std::string role;     // "text-detection", ... (manifest.toml lists them)
  std::string file;     // name within the model directory
  std::string sha256;   // lower-case hexadecimal
  std::string licence;  // SPDX
  std::string attribution;
  std::string package;  // the PyPI package that carries the file, and its version
  std::string version;
  std::array<float, 3>
      mean{};  // of (channel / 255), in the order in which the network takes channels
  std::array<float, 3> std{};
  bool bgr = true;
  std::vector<std::string> outputs;  // values of the graph to compute, in this order
  std::vector<std::string> classes;
  std::map<std::string, double> numbers;  // the [model.settings] of the role
  std::map<std::string, std::vector<int64_t>> lists;

  // A setting that the role needs. Errors: kBadModel, naming the role and the key.
  Result<double> number(const std::string& key) const;
  Result<std::vector<int64_t>> list(const std::string& key) const;
};

struct Manifest {
  std::string directory;
  std::vector<ModelEntry> models;

  // Errors: kBadModel where no model has the role.
  Result<const ModelEntry*> find(const std::string& role) const;
};

// Reads DIR/manifest.toml. Errors: kBadModel with the file, the line and what is wrong.
Result<Manifest> read_manifest(const std::string& directory);

// The bytes of the entry's file, after its hash has been checked. Errors: kBadModel with the file,
// both hashes, and what to do.
Result<std::string> read_model_file(const Manifest& manifest, const ModelEntry& entry);

// Lower-case hexadecimal.
std::string sha256_of(std::string_view bytes);

}  // namespace pdf2md::models
