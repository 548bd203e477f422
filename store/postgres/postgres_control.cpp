#include "store/postgres/postgres_control.hpp"

#include "store/postgres/postgres_rows.hpp"

#include <charconv>
#include <utility>

namespace klatch::store {

namespace {

/// What was said to an operator to be done outlives a crash of the server.
constexpr const char* control_session =
    "SET lock_timeout='3s'; SET jit=off; SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit')='off'";

/// Raises the counter if `changed`, a part of the same statement, has a row. It is a time in ms
/// wherever that is higher: so it is another one also where a failover has lost the last events.
#define KLATCH_RAISE_CONTROL                                                                       \
  "UPDATE meta m SET value=greatest(m.value::int8+1, "                                             \
  "(extract(epoch FROM clock_timestamp())*1000)::int8)::text FROM changed WHERE m.key='control'"

/// In one moment: with a number, all that has raised it is seen. A row at least.
constexpr postgres_statement read_control{
    "read_control", "SELECT (SELECT value FROM meta WHERE key='control'), "
                    "(SELECT value FROM secret WHERE name='guests'), r.project, r.name, r.since "
                    "FROM (SELECT) one LEFT JOIN revocation r ON true"};

/// A token says in whole seconds when it was issued: those of this one go too.
constexpr postgres_statement add_revocation{
    "add_revocation",
    "WITH changed AS (INSERT INTO revocation AS r(project, name, since) "
    "SELECT $1, $2, extract(epoch FROM date_trunc('second', clock_timestamp()))::int8 + 1 WHERE "
    "(SELECT count(*) FROM revocation) < $3 OR "
    "EXISTS (SELECT 1 FROM revocation WHERE project=$1 AND name=$2) "
    "ON CONFLICT (project, name) DO UPDATE SET since=greatest(r.since, EXCLUDED.since) "
    "RETURNING r.since) " KLATCH_RAISE_CONTROL " RETURNING changed.since"};

constexpr postgres_statement offer_secret{
    "offer_secret",
    "WITH changed AS (INSERT INTO secret(name, value) VALUES('guests', $1) ON CONFLICT DO NOTHING "
    "RETURNING name) " KLATCH_RAISE_CONTROL};

constexpr postgres_statement replace_secret{
    "replace_secret",
    "WITH changed AS (INSERT INTO secret(name, value) VALUES('guests', $1) "
    "ON CONFLICT (name) DO UPDATE SET value=EXCLUDED.value RETURNING name) " KLATCH_RAISE_CONTROL};

std::uint64_t control_number_in(std::string_view text) {
  std::uint64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

revocation revocation_in(const result_rows& rows, std::size_t row) {
  auto project = project_id::parse(rows.bytes(row, 2));
  if (!project)
    throw unavailable{"the store has a revocation in a project whose id can be none"};
  return {{*std::move(project), user_in(rows, row, 3)}, rows.integer(row, 4)};
}

} // namespace

postgres_control::postgres_control(const postgres_options& options)
    : server_(options, control_session) {}

result_rows postgres_control::run(const postgres_statement& what, const statement_params& with) {
  try {
    return server_.run(what, with);
  } catch (const server_refused& failed) {
    constexpr const char* undefined_table = "42P01";
    if (failed.sqlstate() != undefined_table)
      throw;
    throw unavailable{"there is no store of this version of Klatch in " + server()};
  }
}

control_state postgres_control::read() {
  const auto rows = run(read_control);
  control_state result;
  result.number = control_number_in(rows.bytes(0, 0));
  result.guest_secret = rows.bytes(0, 1);
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (!rows.is_null(row, 2))
      result.revoked.push_back(revocation_in(rows, row));
  return result;
}

std::int64_t postgres_control::revoke(const user_key& user) {
  const auto rows = run(add_revocation, statement_params{}
                                            .bytes(user.project.str())
                                            .bytes(user.user.str())
                                            .number(std::uint64_t{max_revocations}));
  if (rows.empty())
    throw too_many_revocations{
        server() + " has " + std::to_string(max_revocations) +
        " revoked users, which is the most: those from before the longest life of a token can go "
        "(DELETE FROM revocation WHERE since < extract(epoch FROM now() - interval '30 days'))"};
  return rows.integer(0, 0);
}

void postgres_control::offer_guest_secret(std::string_view offered) {
  run(offer_secret, statement_params{}.text(offered));
}

void postgres_control::replace_guest_secret(std::string_view next) {
  run(replace_secret, statement_params{}.text(next));
}

} // namespace klatch::store
