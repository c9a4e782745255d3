using Attune.Backbones;
using Attune.Nn.Contracts;
using Xunit;

namespace Attune.Tests;

/// <summary>The catalog's names, and the matrix in which its axes meet.</summary>
public sealed class CatalogTests
{
    [Fact]
    public void Names_are_unique_and_those_of_the_things_they_name()
    {
        Assert.Distinct(Catalog.Backbones.Names);
        Assert.Distinct(Catalog.Maskings.Names);
        Assert.Distinct(Catalog.Schedules.Names);
        Assert.All(Catalog.Objectives.All, entry => Assert.Equal(entry.Name, entry.Sample.Name));
        Assert.All(Catalog.Tasks.All, entry => Assert.Equal(entry.Name, entry.Sample.Name));
        Assert.All(Catalog.Optimizers.All, entry => Assert.Equal(entry.Name, entry.Make(null).Name));
    }

    [Fact]
    public void A_name_that_is_not_known_gets_its_nearest()
    {
        string message = Assert.Throws<CatalogException>(() => Catalog.Backbones.Get("brt")).Message;
        Assert.Contains("did you mean 'bert'", message, StringComparison.Ordinal);
        Assert.Contains("gpt2", message, StringComparison.Ordinal);
        Assert.Null(Catalog.Tasks.Find("nothing"));
    }

    [Fact]
    public void Every_schedule_starts_from_what_a_run_knows() => Assert.All(Catalog.Schedules.All, entry =>
        Assert.InRange(entry.Make(new ScheduleContext(0.1, 10, 100, 64)).Rate(50), 0, 0.1));

    [Fact]
    public void Every_cell_of_the_matrix_fits_or_says_what_is_missing()
    {
        CompatibilityCell[] cells = [.. CompatibilityMatrix.Cells()];
        Assert.Equal(Catalog.Backbones.All.Count * (Catalog.Objectives.All.Count + Catalog.Tasks.All.Count), cells.Length);
        Assert.True(Cell("bert", "masked-lm").Fits);
        Assert.Equal("is not causal", Cell("bert", "causal-lm").Missing);
        Assert.Equal("is not bidirectional", Cell("gpt2", "masked-lm").Missing);
        Assert.Equal("has no multiple-choice head", Cell("gpt_neo", "multiple-choice").Missing);

        CompatibilityCell Cell(string backbone, string learnable) => cells.Single(c => c.Backbone == backbone && c.Learnable == learnable);
    }

    [Fact]
    public void A_cell_that_fits_has_an_architecture_with_its_heads() => Assert.All(CompatibilityMatrix.Cells().Where(c => c.Fits), cell =>
    {
        IFamily family = Catalog.Backbones.Get(cell.Backbone);
        IReadOnlyList<HeadRequest> heads = cell.IsTask ? Catalog.Tasks.Get(cell.Learnable).Sample.Heads : Catalog.Objectives.Get(cell.Learnable).Sample.Heads;
        Assert.Contains(family.Architectures.Values, kinds => heads.All(head => kinds.Contains(head.Kind)));
    });
}
