namespace Attune.Parity.Layouts;

/// <summary>A case whose <c>case.json</c> cannot be read.</summary>
internal sealed class FaultyLayout : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Fault is not null;

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder) =>
        [() => new ParityResult(folder.Name, "faulty", ParityStatus.Failed) { Message = folder.Fault!.Message }];
}
