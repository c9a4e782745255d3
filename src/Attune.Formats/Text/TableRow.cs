namespace Attune.Formats;

/// <summary>A row of a table.</summary>
public sealed class TableRow
{
    private readonly TableColumns _columns;
    private readonly string[] _fields;

    internal TableRow(TableColumns columns, long line, string[] fields) => (_columns, Line, _fields) = (columns, line, fields);

    /// <summary>The number of the row's (first) line in the file, from 1.</summary>
    public long Line { get; }

    /// <summary>All fields.</summary>
    public IReadOnlyList<string> Fields => _fields;

    /// <summary>A field by column name, or by number from 0 where the table has no header (or no such name).</summary>
    /// <exception cref="AttuneFormatException">No such column; the columns that exist are listed.</exception>
    public string this[string column] => _fields[_columns.IndexOf(column)];

    /// <summary>Whether the table has a column.</summary>
    public bool Has(string column) => _columns.TryFind(column, out _);
}

/// <summary>The columns of a table.</summary>
internal sealed class TableColumns(string path, int width, string[]? names)
{
    /// <summary>Finds a column by name, or by number.</summary>
    public bool TryFind(string column, out int index)
    {
        index = names is null ? -1 : Array.IndexOf(names, column);
        if (index >= 0) return true;
        return int.TryParse(column, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out index) && index < width;
    }

    /// <summary>Finds a column that must be there.</summary>
    public int IndexOf(string column) => TryFind(column, out int index)
        ? index
        : throw new AttuneFormatException(path, $"column '{column}'", names is null ? $"{width} columns without names" : $"the columns {string.Join(", ", names)}", names is null ? $"a number from 0 to {width - 1}" : "one of them", "Name the column that holds it.");
}
