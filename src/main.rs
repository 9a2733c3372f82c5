//! The executable: the command line of the library, and a memory allocator that many threads don't wait for.

/// glibc's allocator keeps far more memory than it uses when every worker renders pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    sunbeon::cli::run()
}
