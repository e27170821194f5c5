// What is done to images on CUDA is done as on the host, to the byte.
#include <random>

#include "models/cuda/image_kernels.h"
#include "models/roles/input.h"
#include "models/roles/text_lines.h"

#include "catch.h"

using namespace pdf2md::models;

namespace {

const at::Device kCuda(at::kCUDA, 0);

// Bars of ink with gaps, and noise.
Image noisy_image(int width, int height, int channels, unsigned seed) {
  std::mt19937 random(seed);
  Image image;
  image.width = width, image.height = height, image.channels = channels;
  image.pixels.resize(static_cast<size_t>(width) * height * channels);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const size_t x = i / static_cast<size_t>(channels) % static_cast<size_t>(width);
    const uint8_t noise = static_cast<uint8_t>(random() % 16);
    image.pixels[i] = x % 97 < 60 ? static_cast<uint8_t>(random()) : uint8_t(240) + noise;
  }
  return image;
}

std::vector<uint8_t> bytes_of(const Picture& picture) {
  const at::Tensor host = picture.device->bytes.cpu().flatten();
  const uint8_t* data = host.const_data_ptr<uint8_t>() + picture.device_offset;
  std::vector<uint8_t> out;
  const size_t row = static_cast<size_t>(picture.view.width) * picture.view.channels;
  for (int y = 0; y < picture.view.height; ++y, data += picture.device_stride)
    out.insert(out.end(), data, data + row);
  return out;
}

}  // namespace

TEST_CASE("on CUDA lines are cut out of a picture as on the host", "[.cuda]") {
  c10::InferenceMode inference;
  for (const int channels : {1, 3}) {
    const Image image = noisy_image(1400, 700, channels, 5);
    const std::vector<Quad> quads = {
        {{10, 500, 500, 10}, {20, 20, 52, 52}},            // upright, shrunk or enlarged to 48
        {{30, 1390, 1390, 30}, {100, 100, 118, 118}},      // too wide for one piece
        {{100, 700, 690, 90}, {200, 260, 300, 240}},       // turned a little
        {{900, 930, 935, 905}, {300, 300, 600, 600}},      // stands
        {{-20, 60, 80, -10}, {-9, -3, 30, 20}},            // reaches beyond the picture
        {{1000, 1200, 1180, 1020}, {400, 420, 520, 480}},  // in perspective
        {{700, 701, 701, 700}, {650, 650, 651, 651}},      // a pixel
    };
    const auto on_host = cut_lines(image.view(), quads, 48, 640, at::kCPU);
    const auto on_device = cut_lines(image.view(), quads, 48, 640, kCuda);
    REQUIRE(on_device.size() == on_host.size());
    for (size_t i = 0; i < quads.size(); ++i) {
      INFO("quad " << i << ", " << channels << " channels");
      REQUIRE(on_device[i].strip.view.width == on_host[i].strip.view.width);
      CHECK(bytes_of(on_device[i].strip) == on_host[i].strip.owned->pixels);
      REQUIRE(on_device[i].pieces.size() == on_host[i].pieces.size());
      for (size_t k = 0; k < on_host[i].pieces.size(); ++k) {
        CHECK(on_device[i].pieces[k].begin == on_host[i].pieces[k].begin);
        CHECK(on_device[i].pieces[k].space_before == on_host[i].pieces[k].space_before);
      }
    }
    CHECK(on_host[1].pieces.size() > 1);
  }
}

TEST_CASE("on CUDA a picture becomes a network's input as on the host", "[.cuda]") {
  c10::InferenceMode inference;
  cuda::Normalisation normalisation;
  normalisation.scale = {0.017f, 0.0175f, 0.0174f};
  normalisation.shift = {-2.1f, -2.0f, -1.8f};
  normalisation.bgr = true;
  for (const int channels : {1, 3}) {
    const Image image = noisy_image(333, 217, channels, 9);
    const Picture picture = to_device(image.view(), kCuda);
    const Picture part = picture.part(11, 7, 300, 200);
    for (const auto& [width, height] : {std::pair{300, 200}, {64, 64}, {400, 50}, {10, 8}}) {
      INFO(width << " x " << height << ", " << channels << " channels");
      const at::Tensor batch = cuda::to_input({cuda::Source{}, source_of(part, width, height)}, 416,
                                              224, normalisation, kCuda);
      const at::Tensor input = batch.cpu();
      CHECK(input[0].count_nonzero().item<int64_t>() == 0);
      ImageView view = image.view();
      view.data += 7 * view.stride + 11 * channels;
      view.width = 300, view.height = 200;
      const Image small = resized(view, width, height);
      const at::Tensor row = input[1].to(at::kFloat).contiguous();
      const float* values = row.const_data_ptr<float>();
      size_t wrong = 0;
      for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < 224; ++y) {
          for (int x = 0; x < 416; ++x, ++values) {
            float wanted = 0;
            if (x < width && y < height) {
              const size_t from = static_cast<size_t>(y) * width + x;
              const uint8_t byte =
                  channels == 1 ? small.pixels[from] : small.pixels[3 * from + (2 - c)];
              wanted = static_cast<float>(
                  c10::Half(static_cast<float>(byte) * normalisation.scale[static_cast<size_t>(c)] +
                            normalisation.shift[static_cast<size_t>(c)]));
            }
            if (*values != wanted) ++wrong;
          }
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("on CUDA the best class of a step is the first of the greatest", "[.cuda]") {
  c10::InferenceMode inference;
  at::manual_seed(3);
  for (const int64_t classes : {1, 7, 1000, 18'711}) {
    at::Tensor logits = at::randn({3, 5, classes}).to(at::kHalf);
    logits[1][2].fill_(1);  // all alike
    const auto [index, probability] = cuda::best_classes(logits.to(kCuda), 2);
    REQUIRE(index.size(0) == 2);
    const at::Tensor floats = logits.to(at::kFloat);
    const at::Tensor found = index.cpu(), sure = probability.cpu();
    const at::Tensor softmax = at::softmax(floats, -1);
    for (int64_t row = 0; row < 2; ++row) {
      for (int64_t step = 0; step < 5; ++step) {
        const at::Tensor vector = floats[row][step];
        const int64_t best = found[row][step].item<int>();
        CHECK(vector[best].item<float>() == vector.max().item<float>());
        CHECK((best == 0 ||
               vector.slice(0, 0, best).max().item<float>() < vector[best].item<float>()));
        CHECK(sure[row][step].item<float>() ==
              Approx(softmax[row][step][best].item<float>()).epsilon(1e-4));
      }
    }
  }
}
