namespace Attune.Parity.Comparison;

/// <summary>Counts vectors that must be equal, and keeps what is wrong with the first that is not.</summary>
internal sealed class LineTally
{
    private int _total;
    private int _wrong;
    private string? _first;

    /// <summary>Counts a vector.</summary>
    /// <param name="mistake">What is wrong with it; null if nothing.</param>
    public void Count(string? mistake)
    {
        _total++;
        if (mistake is null)
            return;
        _wrong++;
        _first ??= mistake;
    }

    /// <summary>Puts what was found into a result.</summary>
    public ParityResult Into(ParityResult result) => result with
    {
        Status = _wrong == 0 && _total > 0 ? ParityStatus.Passed : ParityStatus.Failed,
        Lines = new ParityLines(_total, _wrong),
        Message = _total == 0 ? "the case holds no vectors" : _first ?? "",
    };
}
