using Attune.Backbones;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;

namespace Attune;

/// <summary>Whether a backbone can be trained on an objective or task.</summary>
/// <param name="Backbone">The family's name.</param>
/// <param name="Mixer">The mixer in its blocks; null is the family's own.</param>
/// <param name="Learnable">The name of the objective or task.</param>
/// <param name="IsTask">Whether it is a task.</param>
/// <param name="Missing">What is lacking, in words; null if they fit.</param>
public sealed record CompatibilityCell(string Backbone, string? Mixer, string Learnable, bool IsTask, string? Missing)
{
    /// <summary>Whether they fit.</summary>
    public bool Fits => Missing is null;
}

/// <summary>Whether a mixer can stand in a backbone's blocks.</summary>
/// <param name="Backbone">The family's name.</param>
/// <param name="Mixer">The mixer's name.</param>
/// <param name="Missing">Why it cannot, in words; null if it can.</param>
/// <param name="Lost">What the backbone can no longer do with it, in words; null if it still can do everything.</param>
public sealed record MixerCell(string Backbone, string Mixer, string? Missing, string? Lost)
{
    /// <summary>Whether it can.</summary>
    public bool Fits => Missing is null;
}

/// <summary>
/// Which objectives and tasks fit which backbones with which mixers: the catalog's axes are independent, and this is where they meet.
/// </summary>
public static class CompatibilityMatrix
{
    /// <summary>Every backbone with every objective and every task, row by row.</summary>
    /// <param name="mixer">The mixer in all blocks; null is each family's own.</param>
    public static IEnumerable<CompatibilityCell> Cells(MixerKind? mixer = null)
    {
        foreach (IFamily family in Catalog.Backbones.All)
        {
            foreach (LearnableEntry<IObjective> objective in Catalog.Objectives.All)
                yield return new CompatibilityCell(family.ModelType, mixer?.Name, objective.Name, IsTask: false, Missing(family, mixer, objective.Sample));
            foreach (LearnableEntry<ITask> task in Catalog.Tasks.All)
                yield return new CompatibilityCell(family.ModelType, mixer?.Name, task.Name, IsTask: true, Missing(family, mixer, task.Sample));
        }
    }

    /// <summary>Every backbone with every mixer, row by row.</summary>
    public static IEnumerable<MixerCell> MixerCells()
    {
        foreach (IFamily family in Catalog.Backbones.All)
        {
            foreach (MixerKind mixer in Catalog.Mixers.All)
            {
                string? missing = Missing(family, mixer);
                Capabilities lost = missing is null ? mixer.Lost(family.Capabilities) : Capabilities.None;
                yield return new MixerCell(family.ModelType, mixer.Name, missing, lost == Capabilities.None ? null : Fit.Describe(lost));
            }
        }
    }

    /// <summary>Why a mixer cannot stand in a family's blocks, in words; null if it can.</summary>
    public static string? Missing(IFamily family, MixerKind mixer)
    {
        Capabilities missing = mixer.Missing(family.Capabilities);
        return missing == Capabilities.None ? null : $"needs a mixer that is {Fit.Describe(missing)}";
    }

    /// <summary>What a family lacks for an objective or task, in words; null if they fit.</summary>
    /// <param name="family">The family.</param>
    /// <param name="mixer">The mixer in all blocks; null is the family's own.</param>
    /// <param name="learnable">The objective or task.</param>
    public static string? Missing(IFamily family, MixerKind? mixer, ILearnable learnable)
    {
        if (mixer is not null && Missing(family, mixer) is { } unfit)
            return unfit;
        Capabilities missing = Fit.Missing(Offered(family, mixer), learnable);
        if (missing != Capabilities.None)
            return "is not " + Fit.Describe(missing);
        HashSet<HeadKind> offered = [.. family.Architectures.Values.SelectMany(kinds => kinds)];
        HeadRequest? head = learnable.Heads.FirstOrDefault(request => !offered.Contains(request.Kind));
        return head is null ? null : $"has no {head.Kind} head";
    }

    /// <summary>What a family's backbones can do with a mixer in all blocks; null is the family's own.</summary>
    public static Capabilities Offered(IFamily family, MixerKind? mixer) =>
        mixer is null ? family.Capabilities : family.Capabilities & ~mixer.Lost(family.Capabilities);
}
