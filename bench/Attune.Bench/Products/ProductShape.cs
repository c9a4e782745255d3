using System.Globalization;

namespace Attune.Bench.Products;

/// <summary>A product to measure: [rows, depth] by [depth, columns], each operand as it lies or transposed.</summary>
internal sealed record ProductShape(int Rows, int Depth, int Columns, bool TransposeA, bool TransposeB)
{
    private const int FewRows = 32;

    /// <summary>Multiplications and additions.</summary>
    public double Operations => 2.0 * Rows * Depth * Columns;

    /// <summary>Bytes of the right operand.</summary>
    public double BytesOfB => 4.0 * Depth * Columns;

    /// <summary>Whether so few rows use each element of B that the memory may be the limit.</summary>
    public bool IsBoundByMemory => Rows <= FewRows;

    /// <summary>The layouts as two letters.</summary>
    public string Layout => $"{(TransposeA ? 't' : 'n')}{(TransposeB ? 't' : 'n')}";

    /// <summary>Reads a form such as <c>1024x768x3072:nt</c>.</summary>
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static ProductShape Parse(string text)
    {
        var parts = text.Split(':');
        var sizes = parts[0].Split('x');
        var numbers = new int[3];
        var valid = parts.Length == 2 && parts[1] is "nn" or "nt" or "tn" or "tt" && sizes.Length == 3;
        for (var i = 0; valid && i < 3; i++)
            valid = int.TryParse(sizes[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] > 0;
        return valid
            ? new ProductShape(numbers[0], numbers[1], numbers[2], parts[1][0] == 't', parts[1][1] == 't')
            : throw new FormatException($"'{text}' is not a product; expected for example 1024x768x3072:nt.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows}x{Depth}x{Columns}:{Layout}");
}
