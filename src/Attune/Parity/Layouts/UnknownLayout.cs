namespace Attune.Parity.Layouts;

/// <summary>
/// A folder of reference numbers in a layout that nothing else recognises: named, so that it is not mistaken for one that passed.
/// </summary>
internal sealed class UnknownLayout : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is not null || folder.Has(CaseFolder.ExpectedName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        string? subject = folder.Case?.Raw("family")?.ToString();
        yield return () => new ParityResult(folder.Name, "unknown", ParityStatus.Unknown)
        {
            Subject = subject,
            Message = $"the layout of this case{(subject is null ? "" : $" (family '{subject}')")} is not known",
        };
    }
}
