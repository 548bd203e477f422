#include "store/postgres/postgres_connection.hpp"

#include "store/cannot_open.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <libpq-fe.h>
#include <poll.h>
#include <utility>

namespace klatch::store {

namespace {

constexpr std::chrono::milliseconds first_backoff{50};
constexpr std::chrono::milliseconds longest_backoff{1'000};
/// However many hosts share the time to connect.
constexpr std::chrono::milliseconds least_for_a_host{500};

/// What libpq says in several lines, in one.
std::string in_one_line(std::string_view text) {
  std::string result;
  bool gap = false;
  for (const char each : text) {
    const bool space = std::isspace(static_cast<unsigned char>(each)) != 0;
    if (!space && gap && !result.empty())
      result += ' ';
    if (!space)
      result += each;
    gap = space;
  }
  return result;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t begin = 0;;) {
    const auto end = text.find(',', begin);
    result.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return result;
    begin = end + 1;
  }
}

std::string field_of(const pg_result& answer, int which) {
  const auto* text = PQresultErrorField(&answer, which);
  return text == nullptr ? std::string{} : std::string{text};
}

/// The server ends the session with it, whatever became of what was under way.
bool ends_session(const pg_result& answer) {
  const auto severity = field_of(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC" ||
         field_of(answer, PG_DIAG_SQLSTATE).starts_with("57P");
}

bool is_error(const pg_result& answer) {
  const auto status = PQresultStatus(&answer);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

std::uint64_t read_integer(const char* from, std::size_t bytes) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    result = result << 8U | static_cast<unsigned char>(from[i]);
  return result;
}

[[noreturn]] void wrong_column(std::size_t column) {
  throw unavailable{"PostgreSQL has returned another type than was asked for in column " +
                    std::to_string(column)};
}

/// The time that is left, for `poll`; at least 0.
int poll_time(std::chrono::steady_clock::duration left) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1'000'000));
}

void ignore_notice(void* /*unused*/, const PGresult* /*notice*/) {}

} // namespace

std::string libpq_version() {
  const auto version = PQlibVersion();
  return std::to_string(version / 10'000) + '.' + std::to_string(version % 10'000);
}

bool server_refused::passing() const noexcept {
  return sqlstate_ == "40001" || sqlstate_ == "40P01" || sqlstate_ == "55P03";
}

// -- rows -----------------------------------------------------------------------------------------

void result_rows::release::operator()(pg_result* gone) const noexcept { PQclear(gone); }

std::size_t result_rows::size() const noexcept {
  return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::size_t result_rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

bool result_rows::is_null(std::size_t row, std::size_t column) const noexcept {
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view result_rows::bytes(std::size_t row, std::size_t column) const noexcept {
  const auto r = static_cast<int>(row);
  const auto c = static_cast<int>(column);
  const auto* begin = PQgetvalue(result_.get(), r, c);
  return begin == nullptr
             ? std::string_view{}
             : std::string_view{begin, static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

bool result_rows::flag(std::size_t row, std::size_t column) const {
  const auto value = bytes(row, column);
  if (value.size() != 1)
    wrong_column(column);
  return value.front() != '\0';
}

std::int64_t result_rows::integer(std::size_t row, std::size_t column) const {
  const auto value = bytes(row, column);
  const auto bits = read_integer(value.data(), value.size());
  switch (value.size()) {
  case 2:
    return static_cast<std::int16_t>(bits);
  case 4:
    return static_cast<std::int32_t>(bits);
  case 8:
    return static_cast<std::int64_t>(bits);
  default:
    wrong_column(column);
  }
}

std::vector<std::uint64_t> result_rows::numbers(std::size_t row, std::size_t column) const {
  const auto value = bytes(row, column);
  std::vector<std::uint64_t> result;
  // Dimensions, whether there are nulls, the type; of each dimension its size and first index; of
  // each element its size and bytes.
  constexpr std::size_t head_bytes = 20;
  constexpr std::size_t element_bytes = 12;
  if (value.size() < head_bytes)
    return result;
  const auto count = read_integer(value.data() + 12, 4);
  const auto type = read_integer(value.data() + 8, 4);
  if (type != static_cast<std::uint64_t>(postgres_type::number) ||
      value.size() != head_bytes + count * element_bytes)
    wrong_column(column);
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(read_integer(value.data() + head_bytes + i * element_bytes + 4, 8));
  return result;
}

std::vector<std::int64_t> result_rows::integers(std::size_t row, std::size_t column) const {
  const auto found = numbers(row, column);
  return {found.begin(), found.end()};
}

// -- the URL --------------------------------------------------------------------------------------

postgres_connection::postgres_connection(const postgres_options& options, std::string session,
                                         reconnecting when)
    : options_(options), session_(std::move(session)), when_(when) {
  parse_url();
}

postgres_connection::~postgres_connection() = default;

/// Makes one of each host, so that one that does not answer takes no more than its share of the
/// time: libpq would wait for it without end.
void postgres_connection::parse_url() {
  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(options_.url.c_str(), &why), PQconninfoFree};
  PQfreemem(why); // It may hold a part of a password.
  if (!parsed)
    throw cannot_open{"the URL of the PostgreSQL database cannot be read: it is "
                      "postgres://[USER@]HOST[:PORT][,HOST…]/DATABASE[?OPTION=VALUE…], and signs "
                      "that mean something in a URL stand there as %XX"};
  settings common{{"target_session_attrs", "read-write"},
                  {"connect_timeout", "3"},
                  {"tcp_user_timeout", "5000"},
                  {"keepalives", "1"},
                  {"keepalives_idle", "5"},
                  {"keepalives_interval", "2"},
                  {"keepalives_count", "3"},
                  {"application_name", "klatch"},
                  {"client_encoding", "UTF8"}};
  std::array<std::vector<std::string>, 3> lists;
  constexpr std::array<const char*, 3> listed{"host", "hostaddr", "port"};
  std::string database;
  for (const auto* each = parsed.get(); each->keyword != nullptr; ++each) {
    if (each->val == nullptr)
      continue;
    const std::string keyword = each->keyword;
    const std::string value = each->val;
    if (keyword.ends_with("password") && !value.empty())
      secrets_.push_back(value);
    if (keyword == "dbname")
      database = value;
    const auto list = std::find(listed.begin(), listed.end(), keyword);
    if (list != listed.end())
      lists.at(static_cast<std::size_t>(list - listed.begin())) = split_list(value);
    else if (const auto known = std::find_if(common.begin(), common.end(),
                                             [&](const auto& one) { return one.first == keyword; });
             known != common.end())
      known->second = value;
    else
      common.emplace_back(keyword, value);
  }
  const auto count = std::max({lists[0].size(), lists[1].size(), std::size_t{1}});
  for (std::size_t i = 0; i < count; ++i) {
    auto& host = hosts_.emplace_back(common);
    for (std::size_t l = 0; l < listed.size(); ++l)
      if (!lists.at(l).empty())
        host.emplace_back(listed.at(l), lists.at(l).at(std::min(i, lists.at(l).size() - 1)));
  }
  for (const auto& each : lists[0].empty() ? lists[1] : lists[0])
    server_ += (server_.empty() ? "" : ",") + each;
  server_ = without_secrets(server_ + '/' + database);
}

std::string postgres_connection::without_secrets(std::string text) const {
  for (const auto& each : secrets_)
    for (auto found = text.find(each); found != std::string::npos; found = text.find(each, found))
      text.replace(found, each.size(), "***");
  return text;
}

// -- connecting -----------------------------------------------------------------------------------

void postgres_connection::finish::operator()(pg_conn* gone) const noexcept { PQfinish(gone); }

void postgres_connection::connect() {
  if (handle_ && alive())
    return;
  close();
  if (now() < retry_at_)
    throw unavailable{failed_};
  const auto share =
      std::max(options_.connect_timeout / static_cast<int>(hosts_.size()), least_for_a_host);
  std::string failures;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const auto which = (host_ + i) % hosts_.size();
    try {
      connect_to(hosts_[which], now() + share);
      begin_session(now() + options_.call_timeout);
      host_ = which;
      backoff_ = std::chrono::milliseconds::zero();
      ++sessions_;
      return;
    } catch (const unavailable& failed) {
      close();
      failures += (failures.empty() ? "" : "; ") + std::string{failed.what()};
    }
  }
  backoff_ = std::clamp(2 * backoff_, first_backoff, longest_backoff);
  retry_at_ = now() + backoff_;
  failed_ = "cannot connect to PostgreSQL at " + server_ + ": " + failures;
  throw unavailable{failed_};
}

void postgres_connection::connect_to(const settings& host, time_point deadline) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : host) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  handle_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!handle_ || PQstatus(handle_.get()) == CONNECTION_BAD)
    throw unavailable{last_error()};
  PQsetNoticeReceiver(handle_.get(), ignore_notice, nullptr);
  // As if PQconnectPoll had said that it waits to write.
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (state == PGRES_POLLING_FAILED)
      throw unavailable{last_error()};
    if (!wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
      throw unavailable{"there was no answer in time"};
    state = PQconnectPoll(handle_.get());
  }
  if (PQsetnonblocking(handle_.get(), 1) != 0)
    throw unavailable{last_error()};
}

void postgres_connection::begin_session(time_point deadline) {
  prepared_.clear();
  if (session_.empty())
    return;
  if (PQsendQuery(handle_.get(), session_.c_str()) == 0)
    throw unavailable{last_error()};
  receive(deadline);
}

/// Sees that the server has closed the connection, before something is sent that would then be
/// uncertain.
bool postgres_connection::alive() noexcept {
  constexpr int most_reads = 8;
  for (int i = 0; i < most_reads; ++i) {
    if (PQstatus(handle_.get()) != CONNECTION_OK)
      return false;
    pollfd one{PQsocket(handle_.get()), POLLIN, 0};
    if (poll(&one, 1, 0) <= 0)
      return true;
    if (PQconsumeInput(handle_.get()) == 0)
      return false;
    PQisBusy(handle_.get()); // Reads what has come: a notice, say.
  }
  return true;
}

void postgres_connection::close() noexcept {
  handle_.reset();
  prepared_.clear();
}

void postgres_connection::pause(std::chrono::milliseconds time) noexcept {
  poll(nullptr, 0, poll_time(time));
}

// -- statements -----------------------------------------------------------------------------------

result_rows postgres_connection::run(const postgres_statement& what, const statement_params& with) {
  require_session();
  const auto deadline = now() + options_.call_timeout;
  if (!prepared_.contains(&what))
    prepare(what, with, deadline);
  const auto given = with.values();
  std::vector<const char*> values(given.size());
  std::vector<int> lengths(given.size());
  const std::vector<int> formats(given.size(), 1);
  for (std::size_t i = 0; i < given.size(); ++i) {
    values[i] = given[i].null ? nullptr : given[i].bytes.data();
    lengths[i] = static_cast<int>(given[i].bytes.size());
  }
  if (PQsendQueryPrepared(handle_.get(), what.name, static_cast<int>(given.size()), values.data(),
                          lengths.data(), formats.data(), 1) == 0)
    lose(last_error());
  return receive(deadline);
}

void postgres_connection::require_session() {
  if (when_ == reconnecting::by_itself)
    return connect();
  if (handle_ && alive())
    return;
  close();
  throw unavailable{"the connection to PostgreSQL at " + server_ + " is lost"};
}

void postgres_connection::run_script(const std::string& sql) {
  require_session();
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0)
    lose(last_error());
  receive(now() + options_.call_timeout);
}

void postgres_connection::prepare(const postgres_statement& what, const statement_params& with,
                                  time_point deadline) {
  std::vector<Oid> types;
  for (const auto& each : with.values())
    types.push_back(static_cast<Oid>(each.type));
  try {
    if (PQsendPrepare(handle_.get(), what.name, what.sql, static_cast<int>(types.size()),
                      types.data()) == 0)
      lose(last_error());
    receive(deadline);
  } catch (const connection_lost& failed) {
    throw unavailable{failed.what()}; // The statement itself was not sent.
  }
  prepared_.insert(&what);
}

/// The transaction is over only when the server is ready for the next one: errors of the commit
/// come after the rows.
result_rows postgres_connection::receive(time_point deadline) {
  for (int left = 1; left != 0;) {
    left = PQflush(handle_.get());
    if (left < 0)
      lose(last_error());
    if (left > 0 && !wait(POLLIN | POLLOUT, deadline))
      lose("there was no answer in time");
    if (left > 0 && PQconsumeInput(handle_.get()) == 0)
      lose(last_error());
  }
  result_rows::owner last;
  result_rows::owner error;
  for (;;) {
    while (PQisBusy(handle_.get()) != 0) {
      if (!wait(POLLIN, deadline))
        lose("there was no answer in time");
      if (PQconsumeInput(handle_.get()) == 0)
        lose(last_error());
    }
    result_rows::owner next{PQgetResult(handle_.get())};
    if (!next)
      break;
    auto& kept = is_error(*next) ? error : last;
    if (!error)
      kept = std::move(next);
  }
  if (error)
    refuse(*error);
  if (!last || PQstatus(handle_.get()) != CONNECTION_OK)
    lose(last_error());
  return result_rows{std::move(last)};
}

bool postgres_connection::wait(short events, time_point deadline) noexcept {
  for (;;) {
    pollfd one{PQsocket(handle_.get()), events, 0};
    const auto left = deadline - now();
    const auto found = poll(&one, 1, poll_time(left));
    if (found > 0)
      return true;
    if ((found < 0 && errno != EINTR) || now() >= deadline)
      return false;
  }
}

// -- notifications --------------------------------------------------------------------------------

std::vector<std::string> postgres_connection::take_notifications() {
  if (!handle_ || PQconsumeInput(handle_.get()) == 0)
    lose(last_error());
  std::vector<std::string> found;
  const auto own = PQbackendPID(handle_.get());
  for (;;) {
    const std::unique_ptr<PGnotify, decltype(&PQfreemem)> each{PQnotifies(handle_.get()),
                                                               PQfreemem};
    if (!each)
      return found;
    if (each->be_pid != own)
      found.emplace_back(each->extra);
  }
}

int postgres_connection::socket() const noexcept { return handle_ ? PQsocket(handle_.get()) : -1; }

// -- failures -------------------------------------------------------------------------------------

void postgres_connection::lose(const std::string& why) {
  close();
  throw connection_lost{"the connection to PostgreSQL at " + server_ + " is lost: " + why};
}

void postgres_connection::refuse(const pg_result& answer) {
  const auto text = without_secrets(in_one_line(PQresultErrorMessage(&answer)));
  if (PQstatus(handle_.get()) != CONNECTION_OK || ends_session(answer))
    lose(text);
  throw server_refused{field_of(answer, PG_DIAG_SQLSTATE),
                       field_of(answer, PG_DIAG_CONSTRAINT_NAME), "PostgreSQL: " + text};
}

std::string postgres_connection::last_error() const {
  return handle_ ? without_secrets(in_one_line(PQerrorMessage(handle_.get()))) : "out of memory";
}

} // namespace klatch::store
