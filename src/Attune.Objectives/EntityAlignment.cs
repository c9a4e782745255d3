using Attune.Nn.Contracts;
using Attune.Objectives.Entities;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// The denoising entity auto-encoder of ERNIE (Zhang et al. 2019, arXiv:1905.07129) together with masked language modelling: tell for each
/// token that is aligned with an entity which of the batch's entities it is, while some of the given entities are wrong and others missing.
/// </summary>
/// <param name="masked">The masked language modelling.</param>
/// <param name="lexicon">The entities.</param>
/// <remarks>
/// Candidates, and what an entity is replaced with, are the entities of the batch, as in the original; so this loss, unlike others, depends on which
/// examples stand together.
/// </remarks>
public sealed class EntityAlignment(MaskedLm masked, EntityLexicon lexicon) : IObjective
{
    private readonly Draws _draws = new(default);

    /// <summary>The share of the given entities that are replaced by another one of the batch.</summary>
    public double ReplacedShare { get; init; } = 0.05;

    /// <summary>The share of the given entities that are left out.</summary>
    public double RemovedShare { get; init; } = 0.15;

    /// <inheritdoc/>
    public string Name => "entity-alignment";

    /// <inheritdoc/>
    public Capabilities Requires => masked.Requires | Capabilities.Entities;

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
        [.. masked.Settings, Setting.Of("entities", lexicon.Count), Setting.Of("replaced", ReplacedShare), Setting.Of("removed", RemovedShare)];

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MaskedLm), new(HeadKind.EntityAlignment)];

    /// <inheritdoc/>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var tokens = (LabelledTokenBatch)masked.Collate(examples, random, firstIndex);
        Segments segments = tokens.Input.Segments;
        int[] entities = new int[segments.Rows];
        for (int s = 0; s < examples.Count; s++)
            lexicon.Find(examples[s], entities.AsSpan(segments.Start(s), segments.Length(s)));
        int[] candidates = [.. entities.Where(entity => entity >= 0).Distinct().Order()];
        int[] rows = [.. Enumerable.Range(0, entities.Length).Where(row => entities[row] >= 0)];
        // The first candidate stands for no entity; it is never right.
        int[] labels = Array.ConvertAll(rows, row => 1 + Array.BinarySearch(candidates, entities[row]));
        bool[] aligned = new bool[entities.Length];
        for (int s = 0; s < examples.Count; s++)
        {
            _draws.Restart(random.Stream("entities").Stream((uint)(firstIndex + s)));
            for (int row = segments.Start(s); row < segments.Start(s) + segments.Length(s); row++)
            {
                if (entities[row] >= 0)
                    entities[row] = Given(entities[row], candidates);
                aligned[row] = entities[row] >= 0 || row == segments.Start(s);
            }
        }
        return new EntityBatch
        {
            Tokens = tokens.Tokens,
            Examples = tokens.Examples,
            Weight = tokens.Weight,
            Arrays = tokens.Arrays,
            Masked = tokens,
            Given = entities,
            Aligned = aligned,
            Rows = rows,
            Candidates = [-1, .. candidates],
            EntityLabels = labels,
        };
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The lexicon's vectors are not as wide as the entities that the model reads.</exception>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var entities = (EntityBatch)batch;
        int width = ((IReadsEntities)model.Backbone).EntityWidth;
        BackboneOutput output = model.Forward(pass, entities.Masked.Input with
        {
            Entities = new EntityRows(lexicon.Vectors(entities.Given, width), entities.Aligned),
        });
        Tensor loss = model.Head<ITokenHead>(HeadKind.MaskedLm).Loss(pass, output, entities.Masked.Labels);
        if (entities.Rows.Length > 0)
        {
            Tensor scores = model.Head<IEntityHead>(HeadKind.EntityAlignment)
                .Logits(pass, pass.Tape.GatherRows(output.Hidden, entities.Rows), lexicon.Vectors(entities.Candidates, width));
            loss = pass.Tape.Add(loss, pass.Tape.CrossEntropy(scores, entities.EntityLabels));
        }
        return output.WithAuxiliaryLoss(pass, loss);
    }

    private int Given(int entity, int[] candidates)
    {
        double decision = _draws.Uniform();
        return decision < ReplacedShare ? candidates[_draws.Below(candidates.Length)]
            : decision < ReplacedShare + RemovedShare ? -1
            : entity;
    }

    private sealed record EntityBatch : Batch
    {
        public required LabelledTokenBatch Masked { get; init; }

        public required int[] Given { get; init; }

        public required bool[] Aligned { get; init; }

        public required int[] Rows { get; init; }

        public required int[] Candidates { get; init; }

        public required int[] EntityLabels { get; init; }
    }
}
