using System.Text.Unicode;
using CsvHelper;

namespace Attune.Formats;

/// <summary>Streams the rows of a CSV or TSV file (plain or gzip). Every row must have as many fields as the first.</summary>
public sealed class TableFile
{
    /// <summary>The longest row accepted, in bytes.</summary>
    public const int MaxRecordBytes = 1 << 24;

    private const int MaxColumns = 1 << 14;

    private readonly TableFormat _format;

    /// <summary>Describes a table; nothing is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format; by its extension where null.</param>
    public TableFile(string path, TableFormat? format = null) => (Path, _format) = (path, format ?? TableFormat.For(path));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Reads the rows one after another; the header, if there is one, is not among them.</summary>
    /// <exception cref="AttuneFormatException">Missing or unreadable file, a row with another number of fields, or bad quoting; names the line.</exception>
    public IEnumerable<TableRow> Rows()
    {
        TableColumns? columns = null;
        int width = -1;
        foreach ((long line, string[] fields) in Records())
        {
            if (width < 0)
            {
                width = fields.Length;
                if (width > MaxColumns) throw new AttuneFormatException(Path, $"line {line}", $"{width} columns", $"at most {MaxColumns}");
                columns = new TableColumns(Path, width, _format.Header ? fields : null);
                if (_format.Header) continue;
            }
            if (fields.Length != width)
                throw new AttuneFormatException(Path, $"line {line}", $"{fields.Length} fields", $"{width}, as in the first row", "Check delimiter and quoting (double quotes are plain characters where quoting is off).");
            yield return new TableRow(columns!, line, fields);
        }
    }

    private IEnumerable<(long Line, string[] Fields)> Records()
    {
        CsvReaderOptions options = new()
        {
            Separator = _format.Delimiter,
            HasHeader = false,
            Mode = _format.Quoting ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxRecordBytes,
            TrackLineNumbers = true,
        };
        using CsvReader reader = CsvReader.Create(DataFile.Open(Path), options, leaveOpen: false);
        long line = 0;
        while (Next(reader, line))
        {
            line = reader.LineNumber;
            if (!Utf8.IsValid(reader.RawRecord)) throw TextPieces.NotUtf8(Path, line);
            yield return (line, reader.Current.ToArray());
        }
    }

    private bool Next(CsvReader reader, long lastLine)
    {
        try
        {
            return ReadFailure.Guard(Path, reader.Read);
        }
        catch (CsvFormatException e)
        {
            long line = e.LineNumber > 0 ? e.LineNumber : lastLine + 1;
            throw new AttuneFormatException($"line {line}: {e.Message} If double quotes are plain characters in this file, read it without quoting.", Path, e);
        }
    }
}
