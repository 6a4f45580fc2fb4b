#include "data/images/folder.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/check.h"
#include "base/file.h"
#include "data/images/image.h"
#include "data/labels.h"

namespace gradus::data {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

template <class Iterator>
Iterator entries_of(const fs::path& folder) {
  std::error_code error;
  Iterator entries(folder, error);
  require(Fault::data, !error, "{}: the folder cannot be read: {}.", folder.string(), error.message());
  return entries;
}

// Visits every entry; what cannot be read on the way is refused.
template <class Iterator, class Visit>
void each_entry(const fs::path& folder, Visit&& visit) {
  std::error_code error;
  for (Iterator entry = entries_of<Iterator>(folder); entry != Iterator(); entry.increment(error)) {
    visit(entry);
    require(Fault::data, !error, "{}: the folder cannot be read: {}.", folder.string(), error.message());
  }
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  each_entry<fs::directory_iterator>(folder, [&](const fs::directory_iterator& entry) {
    if (is_folder(entry->path()) && !is_hidden(entry->path())) folders.push_back(entry->path());
  });
  std::sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().string() < b.filename().string();
  });
  return folders;
}

std::vector<std::string> names_of(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back(folder.filename().string());
  return names;
}

// The images of one part, with the index of each one's class.
struct Listing {
  std::vector<std::string> files;
  std::vector<std::int64_t> classes;
};

Listing list_part(const fs::path& folder, const std::vector<std::string>& names) {
  Listing listing;
  const std::vector<fs::path> folders = folders_in(folder);
  require(Fault::data, !folders.empty(), "{}: one folder of images a class was needed, it holds no folder.",
          folder.string());
  for (const fs::path& of_class : folders) {
    const auto found = std::find(names.begin(), names.end(), of_class.filename().string());
    require(Fault::data, found != names.end(),
            "{}: the classes are {}; this folder is none of them. Rename or remove it.", of_class.string(),
            list_names(names));
    const std::vector<std::string> files = image_files(of_class);
    require(Fault::data, !files.empty(),
            "{}: it holds no PNG or JPEG images. Add some, or remove the folder.", of_class.string());
    listing.files.insert(listing.files.end(), files.begin(), files.end());
    listing.classes.resize(listing.files.size(), found - names.begin());
  }
  return listing;
}

Dataset read_part(const Listing& listing, const std::vector<std::string>& names, const ImageOptions& images) {
  Dataset data;
  data.x = read_images(listing.files, images);
  data.y = Tensor(DType::i64, Shape{data.size()});
  std::copy(listing.classes.begin(), listing.classes.end(), data.y.values<std::int64_t>().begin());
  data.classes = static_cast<std::int64_t>(names.size());
  data.labels.values = names;
  data.class_names = names;
  return data;
}

void check_memory(const Shape& shape) {
  const double bytes = static_cast<double>(shape[0]) * static_cast<double>(shape.without(0).size());
  const double memory =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  require(
      Fault::data, bytes < memory,
      "images: {} of {} bytes in all are more than this machine's memory of {} bytes. Make them smaller with "
      "size=HxW.",
      shape.str(), bytes, memory);
}

// The options with nothing left open: what the files agree on.
ImageOptions resolved(std::span<const std::string> files, ImageOptions options) {
  const bool sized = options.height > 0;
  if (sized && options.channels > 0) return options;
  bool colour = false;
  for (const std::string& file : files) {
    const ImageInfo info = read_image_header(read_file(file, Fault::data), file);
    colour = colour || info.colour;
    if (sized) continue;
    if (options.height == 0) options.height = info.height, options.width = info.width;
    require(Fault::data, info.height == options.height && info.width == options.width,
            "{}: all images must have one size, it has {}x{}, {} has {}x{}. Give size=HxW to resize them.",
            file, info.height, info.width, files[0], options.height, options.width);
  }
  if (options.channels == 0) options.channels = colour ? 3 : 1;
  return options;
}

// [H, W, C] -> [C, H, W].
void store(const Image& image, std::uint8_t* to) {
  const auto channels = static_cast<std::size_t>(image.channels), plane = image.pixels.size() / channels;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < plane; ++i) to[c * plane + i] = image.pixels[i * channels + c];
}

}  // namespace

bool is_image_file(const std::string& file) {
  std::string ending = fs::path(file).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

std::vector<std::string> image_files(const std::string& path) {
  if (!is_folder(path)) return {path};
  std::vector<std::string> files;
  each_entry<fs::recursive_directory_iterator>(path, [&](fs::recursive_directory_iterator& entry) {
    if (is_hidden(entry->path()))
      entry.disable_recursion_pending();
    else if (is_image_file(entry->path()) && !is_folder(entry->path()))
      files.push_back(entry->path());
  });
  std::sort(files.begin(), files.end());
  return files;
}

Tensor read_images(std::span<const std::string> files, const ImageOptions& options) {
  require(Fault::data, !files.empty(), "images: at least one image is needed.");
  const ImageOptions wanted = resolved(files, options);
  const Shape shape{static_cast<std::int64_t>(files.size()), wanted.channels, wanted.height, wanted.width};
  check_memory(shape);
  Tensor x(DType::u8, shape);
  std::uint8_t* to = x.values<std::uint8_t>().data();
  for (const std::string& file : files) {
    Image image = decode_image(read_file(file, Fault::data), file);
    image = resized(with_channels(std::move(image), wanted.channels), wanted.height, wanted.width);
    store(image, to);
    to += image.pixels.size();
  }
  return x;
}

Tensor read_images(const std::string& path, const ImageOptions& options) {
  const std::vector<std::string> files = image_files(path);
  require(Fault::data, !files.empty(), "{}: it holds no PNG or JPEG images.", path);
  return read_images(files, options);
}

std::vector<std::byte> to_png(const Tensor& image) {
  require(Fault::output,
          image.dtype() == DType::u8 && image.shape().rank() == 3 &&
              (image.shape()[0] == 1 || image.shape()[0] == 3) && image.size() > 0,
          "png: an image u8 [1, H, W] or [3, H, W] was needed, it is {}.", image.type().str());
  const std::int64_t channels = image.shape()[0], height = image.shape()[1], width = image.shape()[2];
  Image interleaved{height, width, channels,
                    std::vector<std::uint8_t>(static_cast<std::size_t>(image.size()))};
  const auto pixels = image.values<std::uint8_t>();
  const auto plane = static_cast<std::size_t>(height * width), step = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    interleaved.pixels[i % plane * step + i / plane] = pixels[i];
  return encode_png(interleaved);
}

void write_png(const std::string& file, const Tensor& image) { write_file(file, to_png(image)); }

Source read_image_folder(const fs::path& folder, const ImageOptions& images, const OpenOptions& options) {
  require(Fault::data, is_folder(folder), "images: a folder was needed, '{}' is none.", folder.string());
  // A class may be called train: a part holds folders, a class images.
  const bool parts = is_folder(folder / "train") && !folders_in(folder / "train").empty();
  const fs::path train = parts ? folder / "train" : folder;
  const bool known = options.labels && !options.labels->as_given();
  const std::vector<std::string> names = known ? options.labels->values : names_of(folders_in(train));
  const Listing training = list_part(train, names);
  // What the training images leave open is fixed for the others.
  const ImageOptions fixed = resolved(training.files, images);
  Source source;
  source.train = read_part(training, names, fixed);
  const auto other = [&](const char* name) -> std::optional<Dataset> {
    if (!parts || !is_folder(folder / name)) return std::nullopt;
    const Listing listing = list_part(folder / name, names);
    if (images.height == 0) {  // sizes must agree with the training images', not be made to
      const ImageOptions own = resolved(listing.files, {.channels = fixed.channels});
      require(
          Fault::data, own.height == fixed.height && own.width == fixed.width,
          "{}: all images must have one size, they have {}x{}, the training images {}x{}. Give size=HxW to "
          "resize them.",
          (folder / name).string(), own.height, own.width, fixed.height, fixed.width);
    }
    return read_part(listing, names, fixed);
  };
  source.val = other("val");
  source.test = other("test");
  return source;
}

}  // namespace gradus::data
