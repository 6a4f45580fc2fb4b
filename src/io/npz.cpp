#include <unordered_set>

#include "base/check.h"
#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/zip.h"

namespace gradus::io {
namespace {

constexpr std::string_view kExtension = ".npy";

}  // namespace

NamedTensors parse_npz(std::span<const std::byte> bytes, const std::string& where) {
  NamedTensors tensors;
  std::unordered_set<std::string> names;
  for (const ZipMember& member : list_zip(bytes, where)) {
    const std::string_view name = member.name;
    require(Fault::data, name.size() > kExtension.size() && name.ends_with(kExtension),
            "{}: member {} is no NPY array; an NPZ file holds NAME.npy members only.", where,
            in_quotes(name));
    require(Fault::data, names.insert(member.name).second, "{}: two members are named {}.", where,
            in_quotes(name));
    const std::string place = where + ": member " + in_quotes(name);
    tensors.emplace_back(name.substr(0, name.size() - kExtension.size()),
                         parse_npy(unpack(member, place), place));
  }
  return tensors;
}

NamedTensors read_npz(const std::filesystem::path& path) {
  return parse_npz(read_file(path, Fault::data), path.string());
}

std::vector<std::byte> npz_bytes(const NamedTensors& tensors, Packing packing) {
  ZipWriter zip;
  std::unordered_set<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    require(Fault::data, !name.empty(), "npz: an array has no name.");
    require(Fault::data, names.insert(name).second, "npz: two arrays are named {}.", in_quotes(name));
    require(Fault::data, tensor.defined(), "npz: array {} holds nothing.", in_quotes(name));
    zip.add(name + std::string(kExtension), npy_bytes(tensor), packing == Packing::deflated);
  }
  return zip.finish();
}

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors, Packing packing) {
  write_file(path, npz_bytes(tensors, packing));
}

}  // namespace gradus::io
