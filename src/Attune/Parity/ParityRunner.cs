using Attune.Backbones;
using Attune.Formats;
using Attune.Parity.Layouts;

namespace Attune.Parity;

/// <summary>
/// Runs golden cases: folders of reference numbers (weights, inputs, outputs, gradients, optimizer steps, tokenizer vectors ...)
/// that another library computed, whatever they are called. A case is recognised by its files alone.
/// </summary>
/// <remarks>Safe to use from many threads; each run is independent.</remarks>
public sealed class ParityRunner
{
    private readonly IReadOnlyList<ICaseLayout> _layouts;

    /// <summary>Makes a runner for the families of the catalog.</summary>
    public ParityRunner()
        : this(Catalog.Backbones.All)
    {
    }

    /// <summary>Makes a runner.</summary>
    /// <param name="families">The families whose models can be run.</param>
    public ParityRunner(IReadOnlyList<IFamily> families) => _layouts = CaseLayouts.All(families);

    /// <summary>Runs every case in a folder and below it, in alphabetical order, one by one as the results are taken.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellation">Looked at between cases.</param>
    /// <exception cref="AttuneFormatException">There is no such folder.</exception>
    public IEnumerable<ParityResult> Run(string folder, CancellationToken cancellation = default)
    {
        if (!Directory.Exists(folder))
            throw new AttuneFormatException("is not a folder. Name a folder of golden cases, or one above it.", folder);
        return RunBelow(folder, cancellation);
    }

    private IEnumerable<ParityResult> RunBelow(string folder, CancellationToken cancellation)
    {
        foreach (CaseFolder candidate in CaseFolder.Below(folder))
        {
            ICaseLayout? layout = _layouts.FirstOrDefault(l => l.Recognises(candidate));
            foreach (Func<ParityResult> run in layout?.Cases(candidate) ?? [])
            {
                cancellation.ThrowIfCancellationRequested();
                yield return run();
            }
        }
    }
}
