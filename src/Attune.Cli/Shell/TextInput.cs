using System.CommandLine;
using Attune.Formats;

namespace Attune.Cli.Shell;

/// <summary>Where a verb's texts come from: the command line, a file, or what is piped in; in the latter two every line is a text.</summary>
internal sealed class TextInput
{
    private readonly Argument<string[]> texts;

    private readonly Option<string?> file = new("--file")
    {
        Description = "Read the texts from a file, one a line.",
        HelpName = "path",
    };

    /// <summary>Declares the input.</summary>
    /// <param name="what">What a text is, for help.</param>
    public TextInput(string what) => texts = new Argument<string[]>("text")
    {
        Description = $"{what}. Without any, lines are read from --file or standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Adds the argument and the option to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(texts);
        verb.Add(file);
    }

    /// <summary>The texts, read as they are taken.</summary>
    /// <exception cref="UsageException">There are none, or both a file and texts are given.</exception>
    public IEnumerable<string> Read(Invocation invocation)
    {
        var given = invocation.Get(texts);
        if (invocation.Get(file) is { } path)
            return given.Length == 0 ? TextLines.Read(path).Select(line => line.Text) : throw new UsageException("both --file and texts are given; leave one out.");
        if (given.Length > 0)
            return given;
        return Console.IsInputRedirected ? Lines(Console.In) : throw new UsageException("no text is given: write it on the command line, or use --file.");
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
