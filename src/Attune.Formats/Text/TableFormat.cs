namespace Attune.Formats;

/// <summary>How the rows of a table stand in a text file.</summary>
/// <param name="Delimiter">What separates fields.</param>
/// <param name="Header">Whether the first row names the columns.</param>
/// <param name="Quoting">
/// Whether fields may stand in double quotes (RFC 4180) and then hold delimiters and line ends; if not, a double quote is a plain
/// character, as in GLUE's files.
/// </param>
public sealed record TableFormat(char Delimiter, bool Header, bool Quoting)
{
    /// <summary>Comma-separated with header and quoting.</summary>
    public static TableFormat Csv { get; } = new(',', Header: true, Quoting: true);

    /// <summary>Tab-separated with header, without quoting.</summary>
    public static TableFormat Tsv { get; } = new('\t', Header: true, Quoting: false);

    /// <summary>The usual format for a file's extension: CSV for <c>.csv</c>, TSV otherwise.</summary>
    public static TableFormat For(string path) => DataFile.Extension(path) == ".csv" ? Csv : Tsv;
}
