/// A network of the test's own, made of network namespaces of the kernel.
#pragma once

#include "net/loop/descriptor.hpp"
#include "tests/cluster/program.hpp"

#include <map>
#include <string>
#include <vector>

namespace klatch::clustered {

/// Some machines at one switch. The test itself is at it too, with 10.77.0.1, and at no other
/// network any more. None of the namespaces has a name: they are gone with the test, however that
/// ends, and two tests do not meet.
class network {
public:
  /// Why there can be none here; empty: there can.
  static std::string why_not();

  /// The test, which has one thread, is moved into it.
  network();

  /// A machine with this address.
  void add(const std::string& address);
  /// What a program runs in to be on it.
  int machine(const std::string& address) const { return machines_.at(address).get(); }

  /// Nothing goes any more between a machine and others, both ways: `ADDRESS`, or `ADDRESS:PORT`
  /// where something listens there.
  void cut(const std::string& machine, const std::vector<std::string>& others);
  /// So many of a hundred packets to it are lost.
  void lose(const std::string& machine, unsigned percent);
  /// Both are over.
  void heal(const std::string& machine);

private:
  void rules(const std::string& machine, const std::string& text);

  net::descriptor home_;
  std::map<std::string, net::descriptor> machines_;
};

/// The address of the test, and of what runs beside it.
inline constexpr const char* own_address = "10.77.0.1";

} // namespace klatch::clustered
