namespace Attune.Tokenizers;

/// <summary>How encodings are filled up to a length.</summary>
public sealed record Padding
{
    /// <summary>The length to fill to, in tokens; the encoding's own length where null.</summary>
    public int? Length { get; init; }

    /// <summary>Rounds the length up to a multiple of this.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>The side on which padding is added.</summary>
    public SequenceSide Side { get; init; }

    /// <summary>The padding token's id.</summary>
    public int Id { get; init; }

    /// <summary>The segment that padding belongs to.</summary>
    public int TypeId { get; init; }

    /// <summary>The padding token.</summary>
    public string Token { get; init; } = "[PAD]";
}
