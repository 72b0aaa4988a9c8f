# What is installed, and the .deb of it (scripts/package).
include(GNUInstallDirs)

# Packing builds what is packed, not the tests.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

# CPack's own prefix is /usr; settings lie in /etc whatever the prefix.
install(TARGETS hintd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS hintd_torch LIBRARY DESTINATION lib/hintd)
install(FILES config/hintd.yaml config/hints.yaml config/governance.yaml config/policy_spec.yaml
        DESTINATION /etc/hintd)
install(FILES packaging/hintd.default DESTINATION /etc/default RENAME hintd)
install(FILES packaging/hintd.service DESTINATION /lib/systemd/system)
install(FILES packaging/completion.bash DESTINATION share/bash-completion/completions RENAME hintd)
install(FILES LICENSE DESTINATION share/doc/hintd RENAME copyright)
install(FILES docs/operations.md docs/security.md DESTINATION share/doc/hintd)

find_program(HINTD_GZIP gzip REQUIRED)
set(manuals ${CMAKE_BINARY_DIR}/man)
file(MAKE_DIRECTORY ${manuals})
add_custom_command(OUTPUT ${manuals}/hintd.1.gz ${manuals}/hintd.yaml.5.gz
  COMMAND ${HINTD_GZIP} -9nc ${CMAKE_SOURCE_DIR}/packaging/hintd.1 > ${manuals}/hintd.1.gz
  COMMAND $<TARGET_FILE:hintd> config manual > ${manuals}/hintd.yaml.5
  COMMAND ${HINTD_GZIP} -9nf ${manuals}/hintd.yaml.5
  DEPENDS packaging/hintd.1 hintd VERBATIM)
# Nobody packs a program with sanitizers.
if(NOT HINTD_SANITIZE)
  set(always ALL)
endif()
add_custom_target(manuals ${always} DEPENDS ${manuals}/hintd.1.gz ${manuals}/hintd.yaml.5.gz)
install(FILES ${manuals}/hintd.1.gz DESTINATION share/man/man1)
install(FILES ${manuals}/hintd.yaml.5.gz DESTINATION share/man/man5)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hintd)
set(CPACK_PACKAGE_CONTACT "the hintd developers <hintd@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "self-improving query optimizer for PostgreSQL")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-15")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA packaging/postinst packaging/prerm packaging/postrm
    packaging/conffiles)
list(TRANSFORM CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA PREPEND ${CMAKE_SOURCE_DIR}/
     REGEX "^packaging")
include(CPack)
