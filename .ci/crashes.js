// Prints the stacks of crashed threads from .NET's crash reports in a folder.
const fs = require("fs"), path = require("path");
for (const file of fs.readdirSync(process.argv[2]).filter(name => name.endsWith(".crashreport.json"))) {
  const { threads, process_name } = JSON.parse(fs.readFileSync(path.join(process.argv[2], file))).payload;
  for (const thread of threads.filter(t => t.crashed === "true")) {
    console.log(`${process_name ?? file} crashed in thread ${thread.native_thread_id}${thread.managed_exception_type ? ` by ${thread.managed_exception_type}` : ""}:`);
    for (const frame of (thread.stack_frames ?? []).slice(0, 60))
      console.log(`    ${frame.method_name ?? frame.unmanaged_name ?? frame.native_address} ${frame.filename ?? frame.native_module ?? ""}`);
  }
}
