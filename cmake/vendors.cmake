# Each vendor library is one target, hintd_vendor_<name>, so that a room states what it uses by name.
# All come from Debian 12.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(hintd_vendor name)
  add_library(hintd_vendor_${name} INTERFACE)
endfunction()

function(hintd_vendor_pkgconfig name module)
  pkg_check_modules(HINTD_${name} REQUIRED IMPORTED_TARGET ${module})
  add_library(hintd_vendor_${name} INTERFACE)
  target_link_libraries(hintd_vendor_${name} INTERFACE PkgConfig::HINTD_${name})
endfunction()

hintd_vendor(expected)

find_package(spdlog REQUIRED)
hintd_vendor(spdlog)
target_link_libraries(hintd_vendor_spdlog INTERFACE spdlog::spdlog)

hintd_vendor(pg_query)
find_library(HINTD_PG_QUERY pg_query REQUIRED)
target_link_libraries(hintd_vendor_pg_query INTERFACE ${HINTD_PG_QUERY})

hintd_vendor_pkgconfig(pqxx libpqxx)
hintd_vendor_pkgconfig(pq libpq)
hintd_vendor_pkgconfig(sqlite sqlite3)
hintd_vendor_pkgconfig(zstd libzstd)

find_package(nlohmann_json REQUIRED)
hintd_vendor(json)
target_link_libraries(hintd_vendor_json INTERFACE nlohmann_json::nlohmann_json)

find_package(Eigen3 REQUIRED)
hintd_vendor(eigen)
target_link_libraries(hintd_vendor_eigen INTERFACE Eigen3::Eigen)

find_package(Torch REQUIRED)
hintd_vendor(torch)
target_link_libraries(hintd_vendor_torch INTERFACE ${TORCH_LIBRARIES})

hintd_vendor_pkgconfig(yaml yaml-cpp)

find_package(CLI11 REQUIRED)
hintd_vendor(cli11)
target_link_libraries(hintd_vendor_cli11 INTERFACE CLI11::CLI11)

hintd_vendor(asio)
# Whether Asio finds aligned_alloc hangs on what a source includes before it, and one source would
# free what another allocated otherwise.
target_compile_definitions(hintd_vendor_asio INTERFACE
  ASIO_STANDALONE ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
# The thread sanitizer knows no fences, and g++ refuses them under it.
if(HINTD_SANITIZE STREQUAL "thread")
  target_compile_definitions(hintd_vendor_asio INTERFACE ASIO_DISABLE_FENCED_BLOCK)
endif()

find_package(OpenSSL REQUIRED)
hintd_vendor(openssl)
target_link_libraries(hintd_vendor_openssl INTERFACE OpenSSL::SSL)

find_package(ZLIB REQUIRED)
hintd_vendor(zlib)
target_link_libraries(hintd_vendor_zlib INTERFACE ZLIB::ZLIB)

hintd_vendor_pkgconfig(httplib cpp-httplib)
