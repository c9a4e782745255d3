using Attune.Formats;
using Attune.Hub;
using Attune.Recipes;
using Attune.Tokenizers;
using Attune.Training;

namespace Attune.Cli.Shell;

/// <summary>Turns a failure into an exit code and one line for people.</summary>
internal static class ErrorReport
{
    /// <summary>What every line about a failure begins with.</summary>
    public const string Prefix = "attune: error: ";

    /// <summary>The exit code of a failure.</summary>
    public static int CodeOf(Exception failure) => Cause(failure) switch
    {
        UsageException => ExitCode.Usage,
        OperationCanceledException => ExitCode.Interrupted,
        TrainingException => ExitCode.Failed,
        HubException { IsRefusal: true } => ExitCode.BadInput,
        PlatformNotSupportedException => ExitCode.Environment,
        AttuneFormatException or TokenizationException or RecipeException or CatalogException or ArgumentException or FormatException
            or FileNotFoundException or DirectoryNotFoundException => ExitCode.BadInput,
        InvalidOperationException or NotSupportedException when IsDeliberate(Cause(failure)) => ExitCode.BadInput,
        IOException or UnauthorizedAccessException or OutOfMemoryException => ExitCode.Environment,
        _ => ExitCode.Internal,
    };

    /// <summary>Writes what went wrong: one line, or everything if <paramref name="verbose"/>.</summary>
    public static void Write(TextWriter error, Exception failure, bool verbose)
    {
        error.WriteLine(Prefix + Sentence(Cause(failure)));
        if (verbose)
            error.WriteLine(failure);
    }

    // What goes wrong while a class comes to life (a wrong ATTUNE_THREADS, say) arrives wrapped by the runtime.
    private static Exception Cause(Exception failure) => failure is TypeInitializationException { InnerException: { } cause } ? Cause(cause) : failure;

    /// <summary>
    /// Our own rooms throw these where things do not go together (a model without the head that is asked for); thrown by the
    /// runtime, they are faults of ours.
    /// </summary>
    private static bool IsDeliberate(Exception failure) => failure.Source?.StartsWith("Attune", StringComparison.Ordinal) ?? false;

    private static string Sentence(Exception failure)
    {
        var message = OneLine(failure is ArgumentException { ParamName: { } parameter } ? WithoutParameter(failure.Message, parameter) : failure.Message);
        return CodeOf(failure) switch
        {
            ExitCode.Interrupted => "interrupted.",
            ExitCode.Internal => $"a fault in Attune itself ({failure.GetType().Name}: {message}). Run again with --verbose for details.",
            ExitCode.Environment when failure is OutOfMemoryException => $"not enough memory: {message}",
            _ => message,
        };
    }

    // The runtime appends which parameter of which method it was: of use to programs, not to people at a command line.
    private static string WithoutParameter(string message, string parameter) => message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);

    /// <summary>Messages of the runtime and of libraries may span lines (the name of a parameter, say); a report is one.</summary>
    public static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
