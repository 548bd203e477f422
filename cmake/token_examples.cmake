# Writes the examples of docs/tokens.md as files that a site can use: cmake -DFROM=tokens.md -DTO=FOLDER -P …
file(READ ${FROM} text)

function(write_example language file before after)
  string(FIND "${text}" "```${language}\n" begin)
  if(begin EQUAL -1)
    message(FATAL_ERROR "${FROM} has no example in ${language}")
  endif()
  string(LENGTH "```${language}\n" opening)
  math(EXPR begin "${begin} + ${opening}")
  string(SUBSTRING "${text}" ${begin} -1 rest)
  string(FIND "${rest}" "\n```" end)
  string(SUBSTRING "${rest}" 0 ${end} code)
  file(WRITE ${TO}/${file} "${before}${code}\n${after}")
endfunction()

write_example(php klatch_token.php "<?php\n" "")
write_example(python klatch_token.py "" "")
write_example(js klatch_token.mjs "" "\nexport { klatchToken };\n")
