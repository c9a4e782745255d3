using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Attune.Cli.Shell;

/// <summary>Help as the parsing library prints it, followed by the examples of the verb or the exit codes of the program.</summary>
/// <param name="standard">What prints usage, arguments and options.</param>
internal sealed class VerbHelp(HelpAction standard) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        standard.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        switch (parseResult.CommandResult.Command)
        {
            case Verb verb:
                output.WriteLine("Examples:");
                foreach (var example in verb.Examples)
                    output.WriteLine("  " + example);
                output.WriteLine();
                break;
            case { Name: AttuneCommandLine.Name }:
                output.WriteLine("Exit codes:");
                foreach (var (code, meaning) in ExitCode.Table)
                    output.WriteLine($"  {code,-4} {meaning}");
                output.WriteLine();
                break;
        }

        return ExitCode.Ok;
    }
}
