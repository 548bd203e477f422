#include "app/move_store.hpp"

#include "app/guest_key.hpp"
#include "store/postgres/postgres_move.hpp"
#include "store/sqlite/sqlite_export.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace klatch::app {

namespace {

constexpr int exit_failed = 1;
/// Some seconds' worth.
constexpr std::uint64_t messages_a_line = 100'000;

std::vector<std::string> move_all(store::sqlite_export& origin, store::postgres_move& target) {
  const auto total = origin.what().messages;
  std::uint64_t done = 0;
  return move_rows(origin, target, [&] {
    if (++done % messages_a_line == 0 || done == total)
      std::cout << "klatch: " << done << " of " << total << " messages" << std::endl;
  });
}

} // namespace

int move_store(const config& options) {
  store::sqlite_export origin{options.data};
  const auto& all = origin.what();
  const auto guests = read_guest_secret(options.data);
  store::postgres_move target{{.url = options.move_to}, all};
  std::cout << "klatch: moving " << all.messages << " messages of " << all.users << " users in "
            << all.conversations << " conversations to " << target.target() << std::endl;
  try {
    if (guests)
      target.add_guest_secret(*guests);
    const auto faults = move_all(origin, target);
    for (const auto& each : faults)
      std::cout << each << '\n';
    if (!faults.empty()) {
      std::cout << "klatch: nothing is moved, since what has come is not sound\n";
      return exit_failed;
    }
  } catch (const store::uncertain& lost) {
    throw std::runtime_error{std::string{lost.what()} +
                             ". Run klatch move again: if there is a store already then, all of "
                             "this one was moved"};
  }
  std::cout << "klatch: all is moved, and sound. Start klatch with --store and that address from "
               "now on, and none with "
            << options.data.string() << " and --store sqlite: messages would go apart\n";
  return EXIT_SUCCESS;
}

} // namespace klatch::app
