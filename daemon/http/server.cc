#include "daemon/http/server.h"

#include <httplib.h>

#include <optional>

#include "daemon/http/conversion.h"
#include "daemon/http/listen_address.h"

namespace pdf2md::http {
namespace {

constexpr size_t kMostFieldBytes = 64 << 10;
constexpr size_t kMostFields = 32;
constexpr time_t kPatienceSeconds = 30;  // with a client that neither sends nor reads

// The library makes its sockets itself; this one takes over one that is there.
class GatewayServer : public httplib::Server {
 public:
  bool serve_on(int fd) {
    svr_sock_ = fd;
    return listen_after_bind();
  }
};

std::atomic<GatewayServer*> running{nullptr};

void send(const Reply& reply, httplib::Response& response) {
  response.status = reply.status;
  if (reply.retry_after_s > 0)
    response.set_header("Retry-After", std::to_string(reply.retry_after_s));
  response.set_content(reply.json, "application/json");
}

// The parts of a form as they come: the document to a file, fields to the job's options.
class Form {
 public:
  explicit Form(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  bool begin(const httplib::MultipartFormData& part) {
    name_ = part.name;
    value_.clear();
    if (++parts_ > kMostFields) return refuse({ErrorCode::kBadOptions, "too many fields", ""});
    if (part.filename.empty() && part.name != "file") return true;
    if (upload_) return refuse({ErrorCode::kBadOptions, "more than one document", "one a request"});
    Result<Upload> upload = Upload::create();
    if (!upload) return refuse(upload.error());
    upload_.emplace(std::move(*upload));
    name_ = "file";
    options.name = part.filename;
    return true;
  }

  bool add(const char* bytes, size_t count) {
    if (name_ == "file") {
      Status added = upload_->add({bytes, count}, max_bytes_);
      return added ? true : refuse(added.error());
    }
    value_.append(bytes, count);
    if (value_.size() > kMostFieldBytes)
      return refuse({ErrorCode::kBadOptions, "the field \"" + name_ + "\" is too long", ""});
    if (name_ == "pages") options.pages = value_;
    if (name_ == "ocr") options.ocr = value_;
    if (name_ == "password") options.passwords = {value_};
    if (name_ == "page_separator") options.page_separator = value_;
    return true;
  }

  const std::optional<Upload>& upload() const { return upload_; }
  const std::optional<Error>& problem() const { return problem_; }
  proto::JobOptions options;

 private:
  bool refuse(Error error) {
    if (!problem_) problem_ = std::move(error);
    return false;
  }

  uint64_t max_bytes_;
  size_t parts_ = 0;
  std::string name_, value_;
  std::optional<Upload> upload_;
  std::optional<Error> problem_;
};

Reply answer_convert(const ServerOptions& options, const httplib::Request& request,
                     const httplib::ContentReader& read) {
  if (!request.is_multipart_form_data()) {
    return failed({ErrorCode::kBadOptions, "not a form with a document",
                   "POST multipart/form-data with the document as \"file\""});
  }
  Form form(options.max_bytes);
  const bool complete =
      read([&form](const httplib::MultipartFormData& part) { return form.begin(part); },
           [&form](const char* bytes, size_t count) { return form.add(bytes, count); });
  if (form.problem()) return failed(*form.problem());
  if (!complete) return failed({ErrorCode::kBadOptions, "the request ends early", ""});
  if (!form.upload())
    return failed({ErrorCode::kBadOptions, "no document", "send it as the field \"file\""});
  proto::JobOptions job = form.options;
  job.images = false;  // a response has one file
  return convert(options.socket_path, *form.upload(), job);
}

// A page of some web site may make a browser send requests here: it says where it comes from, or
// calls this machine by that site's name.
bool comes_from_a_web_site(const httplib::Request& request) {
  return request.has_header("Origin") || !names_this_machine(request.get_header_value("Host"));
}

}  // namespace

bool serve(Fd listening, const ServerOptions& options) {
  GatewayServer server;
  server.new_task_queue = [count = options.connections] { return new httplib::ThreadPool(count); };
  server.set_payload_max_length(options.max_bytes + (1 << 20));
  server.set_read_timeout(kPatienceSeconds);
  server.set_write_timeout(kPatienceSeconds);
  server.set_pre_routing_handler(
      [&options](const httplib::Request& request, httplib::Response& response) {
        if (options.remote || !comes_from_a_web_site(request))
          return httplib::Server::HandlerResponse::Unhandled;
        Reply reply = failed({ErrorCode::kBadOptions, "requests of web pages are refused", ""});
        reply.status = 403;
        send(reply, response);
        return httplib::Server::HandlerResponse::Handled;
      });
  server.Post("/convert", [&options](const httplib::Request& request, httplib::Response& response,
                                     const httplib::ContentReader& read) {
    send(answer_convert(options, request, read), response);
  });
  server.Get("/health", [&options](const httplib::Request&, httplib::Response& response) {
    send(ask_health(options.socket_path), response);
  });
  server.Get("/metrics", [&options](const httplib::Request&, httplib::Response& response) {
    Result<std::string> text = ask_metrics(options.socket_path);
    if (!text) return send(unhealthy(text.error()), response);
    response.set_content(*text, "text/plain; version=0.0.4");
  });
  server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (!response.body.empty()) return;
    Reply reply = failed(
        {ErrorCode::kBadOptions, "no such request", "POST /convert, GET /health, GET /metrics"});
    reply.status = response.status;
    send(reply, response);
  });
  running = &server;
  const bool good = server.serve_on(listening.release());
  running = nullptr;
  return good;
}

void stop_serving() {
  if (GatewayServer* server = running) server->stop();
}

}  // namespace pdf2md::http
