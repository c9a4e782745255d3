using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Attune.Cli.Shell;

/// <summary>One call of a verb: its arguments, and where its answers go.</summary>
internal sealed class Invocation
{
    private static readonly JsonWriterOptions Layout = new()
    {
        // The document goes to a terminal or a program, never into a page: letters may stay letters.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ParseResult parsed;

    /// <summary>Wraps what was parsed.</summary>
    public Invocation(ParseResult parsed, CancellationToken cancellation)
    {
        this.parsed = parsed;
        Cancellation = cancellation;
        Output = parsed.InvocationConfiguration.Output;
        Error = parsed.InvocationConfiguration.Error;
    }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Where answers go.</summary>
    public TextWriter Output { get; }

    /// <summary>Where progress and remarks go, so that answers can be piped.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether one JSON document is wanted instead of text.</summary>
    public bool Json => parsed.GetValue(SharedOptions.Json);

    /// <summary>Whether details are wanted.</summary>
    public bool Verbose => parsed.GetValue(SharedOptions.Verbose);

    /// <summary>The seed of all randomness.</summary>
    public ulong Seed => parsed.GetValue(SharedOptions.Seed);

    /// <summary>The value of an option; its default where it was not given.</summary>
    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    /// <summary>Whether an option stands on the command line.</summary>
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Prints one JSON document, on one line: programs read it, and vectors would fill screens.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, Layout))
            write(json);
        Output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    /// <summary>Prints a table: columns of equal width, numbers at the right.</summary>
    /// <param name="columns">The headings; those that begin with '&gt;' stand over numbers.</param>
    /// <param name="rows">The cells.</param>
    public void WriteTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple, ShowHeaders = true };
        foreach (var column in columns)
        {
            table.AddColumn(column.StartsWith('>')
                ? new TableColumn(new Text(column[1..])).RightAligned().NoWrap()
                : new TableColumn(new Text(column)).NoWrap());
        }

        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        Console(Output).Write(table);
    }

    /// <summary>Prints names and values below each other.</summary>
    public void WriteFields(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (var (name, value) in fields)
            grid.AddRow(new Text(name), new Text(value));
        Console(Output).Write(grid);
    }

    /// <summary>A console of Spectre's over one of the streams: plain where it is not a terminal.</summary>
    public static IAnsiConsole Console(TextWriter stream)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(stream) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = int.MaxValue / 2;
        return console;
    }
}
