using System.CommandLine;
using System.CommandLine.Help;
using Attune.Cli.Commands;

namespace Attune.Cli.Shell;

/// <summary>The whole command line: every verb, and what happens to a line that cannot be understood.</summary>
internal static class AttuneCommandLine
{
    /// <summary>The word that calls the program.</summary>
    public const string Name = "attune";

    /// <summary>Builds the tree of verbs. A new verb is one line here.</summary>
    public static Command Build()
    {
        // Not a RootCommand: that one takes its name from the file that runs, which differs between tool, host and dotnet.
        var help = new HelpOption();
        help.Action = new VerbHelp((HelpAction)help.Action!);
        return new Command(Name, "Pre-trains, fine-tunes, compares and serves Transformers and their alternatives, in C# alone, on the CPU.")
        {
            help,
            new VersionOption(),
            SharedOptions.Verbose,
            SharedOptions.Threads,
            new DoctorCommand(),
        };
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        IReadOnlyList<string> line = arguments.Count == 0 ? ["--help"] : arguments;
        var parsed = Build().Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not VerbHelp)
        {
            error.WriteLine(ErrorReport.Prefix + Misunderstanding(parsed));
            return ExitCode.Usage;
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static string Misunderstanding(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var reason = command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..]
            ? $"unknown verb '{word}'."
            : parsed.Errors[0].Message;
        return $"{reason} See '{CommandPath(command)} --help'.";
    }

    private static string CommandPath(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{CommandPath(parent)} {command.Name}"
        : command.Name;
}
