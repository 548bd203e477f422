# Writes OUTPUT, a C++ source that holds the files FILES (relative to FOLDER) for app/embedded.hpp.
#
#   cmake -DFOLDER=… -DFILES=a.html,b.js -DOUTPUT=… -P embed.cmake
set(arrays "")
set(rows "")
set(index 0)
string(REPLACE "," ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  file(READ "${FOLDER}/${file}" hex HEX)
  file(SHA256 "${FOLDER}/${file}" hash)
  string(SUBSTRING "${hash}" 0 32 hash)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char file_${index}[] = {${bytes}'\\0'};\n")
  string(APPEND rows "    {\"/${file}\", {file_${index}, sizeof file_${index} - 1}, \"${hash}\"},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"app/embedded.hpp\"

namespace klatch::app {

namespace {

${arrays}
constexpr net::embedded_file files[] = {
${rows}};

} // namespace

std::span<const net::embedded_file> embedded_page() noexcept { return files; }

} // namespace klatch::app
")
