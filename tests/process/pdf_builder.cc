#include "tests/process/pdf_builder.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace pdf2md::test {
namespace {

// PDF 1.7, 7.6.3.3: what passwords are filled up with.
const std::string kPadding(
    "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08"
    "\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A",
    32);
constexpr int kPermissions = -4;

std::string padded(const std::string& password) {
  return (password + kPadding).substr(0, 32);
}

std::string hex(const std::string& bytes) {
  std::string out = "<";
  for (unsigned char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", c);
    out += two;
  }
  return out + ">";
}

std::string little_endian(uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

std::string stream(const std::string& dictionary, const std::string& data) {
  return "<< " + dictionary + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data +
         "\nendstream";
}

}  // namespace

std::string md5(const std::string& data) {
  static constexpr int kShifts[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t state[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  std::string message = data + '\x80';
  while (message.size() % 64 != 56) message.push_back('\0');
  message += little_endian(static_cast<uint32_t>(data.size() * 8), 4) + little_endian(0, 4);
  for (size_t block = 0; block < message.size(); block += 64) {
    uint32_t words[16];
    for (int i = 0; i < 16; ++i) {
      words[i] = 0;
      for (int k = 3; k >= 0; --k) {
        words[i] = words[i] << 8 | static_cast<unsigned char>(message[block + size_t{4} * i + k]);
      }
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 64; ++i) {
      uint32_t mixed = 0;
      int word = 0;
      switch (i / 16) {
        case 0:
          mixed = (b & c) | (~b & d);
          word = i;
          break;
        case 1:
          mixed = (d & b) | (~d & c);
          word = (5 * i + 1) % 16;
          break;
        case 2:
          mixed = b ^ c ^ d;
          word = (3 * i + 5) % 16;
          break;
        default:
          mixed = c ^ (b | ~d);
          word = 7 * i % 16;
          break;
      }
      uint32_t constant =
          static_cast<uint32_t>(std::floor(std::abs(std::sin(i + 1.0)) * 4294967296.0));
      uint32_t sum = a + mixed + constant + words[word];
      int shift = kShifts[i / 16][i % 4];
      a = d;
      d = c;
      c = b;
      b += sum << shift | sum >> (32 - shift);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
  std::string digest;
  for (uint32_t part : state) digest += little_endian(part, 4);
  return digest;
}

std::string rc4(const std::string& key, const std::string& data) {
  unsigned char s[256];
  std::iota(std::begin(s), std::end(s), 0);
  for (int i = 0, j = 0; i < 256; ++i) {
    j = (j + s[i] + static_cast<unsigned char>(key[i % key.size()])) & 255;
    std::swap(s[i], s[j]);
  }
  std::string out = data;
  int i = 0, j = 0;
  for (char& c : out) {
    i = (i + 1) & 255;
    j = (j + s[i]) & 255;
    std::swap(s[i], s[j]);
    c = static_cast<char>(c ^ s[(s[i] + s[j]) & 255]);
  }
  return out;
}

PdfBuilder& PdfBuilder::page(PdfPage page) {
  pages_.push_back(std::move(page));
  return *this;
}

int PdfBuilder::add(const std::string& object) {
  int number = next_object();
  objects_.push_back(object);
  return number;
}

int PdfBuilder::add_stream(const std::string& dictionary, const std::string& data) {
  return add(stream(dictionary, data));
}

PdfBuilder& PdfBuilder::encrypt(const std::string& user, const std::string& owner) {
  encrypted_ = true;
  user_ = user;
  owner_ = owner;
  return *this;
}

std::string PdfBuilder::build() const {
  const std::string id = "0123456789abcdef";
  std::string owner_entry, key;
  if (encrypted_) {  // PDF 1.7, algorithms 2, 3 and 4
    owner_entry = rc4(md5(padded(owner_)).substr(0, 5), padded(user_));
    key = md5(padded(user_) + owner_entry + little_endian(static_cast<uint32_t>(kPermissions), 4) +
              id)
              .substr(0, 5);
  }

  std::vector<std::string> objects;
  std::string kids;
  for (size_t i = 0; i < pages_.size(); ++i) kids += std::to_string(5 + 2 * i) + " 0 R ";
  objects.push_back("<< /Type /Catalog /Pages 2 0 R " + catalog_ + " >>");
  objects.push_back("<< /Type /Pages /Count " + std::to_string(pages_.size()) + " /Kids [ " + kids +
                    "] >>");
  objects.push_back(
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  objects.push_back(
      "<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>");
  for (size_t i = 0; i < pages_.size(); ++i) {
    objects.push_back("<< /Type /Page /Parent 2 0 R /MediaBox [ " + pages_[i].media_box +
                      " ] /Contents " + std::to_string(6 + 2 * i) +
                      " 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R " + fonts_ +
                      " >> /XObject << " + xobjects_ + " >> >> " + pages_[i].extra + " >>");
    std::string content = pages_[i].content;
    if (encrypted_) {
      int number = static_cast<int>(6 + 2 * i);
      std::string object_key =
          md5(key + little_endian(static_cast<uint32_t>(number), 3) + little_endian(0, 2));
      content = rc4(object_key.substr(0, 10), content);
    }
    objects.push_back(stream("", content));
  }
  objects.insert(objects.end(), objects_.begin(), objects_.end());

  std::string trailer = "/Root 1 0 R";
  if (!info_.empty()) {
    objects.push_back("<< " + info_ + " >>");
    trailer += " /Info " + std::to_string(objects.size()) + " 0 R";
  }
  if (encrypted_) {
    objects.push_back("<< /Filter /" + handler_ + " " + security_version_ + " /O " +
                      hex(owner_entry) + " /U " + hex(rc4(key, kPadding)) + " /P " +
                      std::to_string(kPermissions) + " >>");
    trailer +=
        " /Encrypt " + std::to_string(objects.size()) + " 0 R /ID [ " + hex(id) + hex(id) + " ]";
  }

  std::string out = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
  std::string table = "0000000000 65535 f \n";
  for (size_t i = 0; i < objects.size(); ++i) {
    char entry[21];
    std::snprintf(entry, sizeof entry, "%010zu 00000 n \n", out.size());
    table += entry;
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  size_t start = out.size();
  std::string count = std::to_string(objects.size() + 1);
  return out + "xref\n0 " + count + "\n" + table + "trailer\n<< /Size " + count + " " + trailer +
         " >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
}

int file_with(const std::string& bytes) {
  int fd = ::memfd_create("test-document", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    return -1;
  return ::lseek(fd, 0, SEEK_SET) == 0 ? fd : -1;
}

}  // namespace pdf2md::test
