# What `cmake --install` puts where: the program, and beside it what an operator and a site's owner use. The settings, the
# systemd units and the user are the package's (packaging/debian).
include(GNUInstallDirs)

set(KLATCH_SHARE ${CMAKE_INSTALL_DATADIR}/klatch)

install(TARGETS klatch RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES packaging/klatch.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES packaging/klatch.bash-completion
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME klatch)
install(FILES packaging/klatch.toml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/klatch)
install(PROGRAMS packaging/certbot-deploy DESTINATION ${KLATCH_SHARE})
install(FILES packaging/nginx.conf packaging/Caddyfile packaging/grafana-dashboard.json packaging/klatch.rules.yml
  DESTINATION ${KLATCH_SHARE})
# The client for pages of a site's own, and the page that is in the program, for sites that change it.
install(DIRECTORY web/sdk web DESTINATION ${KLATCH_SHARE})

# What a site writes, as programs: the blocks of docs/tokens.md.
install(CODE "execute_process(COMMAND ${CMAKE_COMMAND} -DFROM=${CMAKE_SOURCE_DIR}/docs/tokens.md
  -DTO=\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${KLATCH_SHARE}/examples
  -P ${CMAKE_SOURCE_DIR}/cmake/token_examples.cmake COMMAND_ERROR_IS_FATAL ANY)")
