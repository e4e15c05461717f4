using VoiceConsole.Web.Commands;

return await CommandLine.RunAsync(args);
