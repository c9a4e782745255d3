using System.CommandLine;
using Attune.Tensors.Parallel;

namespace Attune.Cli.Shell;

/// <summary>One verb of the command line: it declares its arguments, calls the library and prints what came back.</summary>
internal abstract class Verb : Command
{
    /// <summary>Declares a verb.</summary>
    /// <param name="name">The word that calls it.</param>
    /// <param name="description">What it does, one sentence or two.</param>
    /// <param name="examples">Whole command lines that work, shown in help.</param>
    protected Verb(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction(Guarded);
    }

    /// <summary>Whole command lines that work.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does the work.</summary>
    /// <returns>The exit code; failures are thrown.</returns>
    protected abstract int Run(Invocation invocation);

    private int Guarded(ParseResult parsed)
    {
        var streams = parsed.InvocationConfiguration;
        try
        {
            if (parsed.GetValue(SharedOptions.Threads) is { } threads)
                Workers.Count = threads;
            using var interruption = new Interruption(streams.Error);
            return Run(new Invocation(parsed, interruption.Token));
        }
        catch (Exception failure)
        {
            ErrorReport.Write(streams.Error, failure, parsed.GetValue(SharedOptions.Verbose));
            return ErrorReport.CodeOf(failure);
        }
        finally
        {
            streams.Output.Flush();
        }
    }
}
