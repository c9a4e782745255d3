using System.CommandLine;
using System.CommandLine.Help;
using Attune.Cli.Commands;
using Attune.Cli.Commands.Tokenizers;

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
            new QuickstartCommand(),
            new PullCommand(),
            new ConvertCommand(),
            new PretrainCommand(),
            new FinetuneCommand(),
            new RunCommand(),
            new EvaluateCommand(),
            new PredictCommand(),
            new FillCommand(),
            new GenerateCommand(),
            new EmbedCommand(),
            new VerbGroup(
                "tokenizer",
                "Works with tokenizers alone.",
                new TokenizerTrainCommand(),
                new TokenizerEncodeCommand(),
                new TokenizerDecodeCommand()),
            new InspectCommand(),
            new AttentionCommand(),
            new PruneHeadsCommand(),
            new RunsCommand(),
            new MatrixCommand(),
            new DoctorCommand(),
            new ParityCommand(),
        };
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        IReadOnlyList<string> line = arguments.Count == 0 ? ["--help"] : arguments;
        var parsed = Build().Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not VerbHelp && Misunderstanding(parsed, line) is { } misunderstanding)
        {
            error.WriteLine($"{ErrorReport.Prefix}{misunderstanding} See '{CommandPath(parsed.CommandResult.Command)} --help'.");
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

    /// <summary>What cannot be understood; null if everything can.</summary>
    private static string? Misunderstanding(ParseResult parsed, IReadOnlyList<string> line)
    {
        var command = parsed.CommandResult.Command;
        // Verbs that take any number of texts would take a misspelt option for a text.
        if (UnknownOption(command, line) is { } option)
            return $"unknown option '{option}' (a text that begins with dashes goes behind a lone --).";
        if (parsed.Errors.Count == 0)
            return null;
        return command.Subcommands.Count == 0 ? ErrorReport.OneLine(parsed.Errors[0].Message)
            : parsed.UnmatchedTokens is [var word, ..] ? $"unknown verb '{word}'."
            : $"a verb is missing: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.";
    }

    private static string? UnknownOption(Command command, IReadOnlyList<string> line)
    {
        HashSet<string> known = [];
        for (var level = command; level is not null; level = level.Parents.OfType<Command>().FirstOrDefault())
        {
            foreach (var option in level.Options)
                known.UnionWith([option.Name, .. option.Aliases]);
        }

        return line.TakeWhile(word => word != "--")
            .Where(word => word.StartsWith("--", StringComparison.Ordinal))
            .Select(word => word.Split('=', 2)[0])
            .FirstOrDefault(name => !known.Contains(name));
    }

    private static string CommandPath(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{CommandPath(parent)} {command.Name}"
        : command.Name;
}
