using System.Text;
using Attune.Cli.Shell;

// Text goes in and out as UTF-8 on every system, without the mark that other programs stumble over.
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (OperatingSystem.IsWindows())
    Console.OutputEncoding = encoding;
return AttuneCommandLine.Run(args, Console.Out, Console.Error);
