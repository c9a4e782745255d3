using System.CommandLine;

namespace Attune.Cli.Shell;

/// <summary>The labelled data a verb reads: a file, and where text and label stand in it.</summary>
internal sealed class LabelledData
{
    private readonly Option<string?> file = new("--data")
    {
        Description = "Labelled data, plain or gzip: CSV, TSV or JSONL; questions as SQuAD has them (.json); tagged tokens (.conll); other layouts by --format.",
        HelpName = "path",
    };

    private readonly Option<string?> format = Column("--format", "table (the default), values (a number to predict), folders (one for each class), trec (LABEL text), conll (a token and its tag a line) or squad (JSON).");
    private readonly Option<string?> column = Column("--text-column", "The column of the text. Default: text, or the only one beside the label where no label is read.");
    private readonly Option<string?> pair = Column("--pair-column", "The column of the second text of a pair.");
    private readonly Option<string?> label = Column("--label-column", "The column of the label. Default: label.");

    /// <summary>Adds the options to a verb.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="required">Whether there is nothing to do without data.</param>
    public void AddTo(Command verb, bool required)
    {
        file.Required = required;
        foreach (Option option in (Option[])[file, format, column, pair, label])
            verb.Add(option);
    }

    /// <summary>The file; null if none was given.</summary>
    public string? File(Invocation invocation) => invocation.Get(file);

    /// <summary>Puts what was given into a recipe.</summary>
    public void Fill(Invocation invocation, RecipeSettings recipe)
    {
        recipe.Text("data.labelled", File(invocation));
        recipe.Text("data.format", invocation.Get(format));
        recipe.Text("data.column", invocation.Get(column));
        recipe.Text("data.pair", invocation.Get(pair));
        recipe.Text("data.label", invocation.Get(label));
    }

    private static Option<string?> Column(string name, string description) => new(name) { Description = description, HelpName = "name" };
}
