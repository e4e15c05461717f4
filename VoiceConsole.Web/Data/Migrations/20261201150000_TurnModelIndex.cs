using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VoiceConsole.Web.Data.Migrations
{
    /// <inheritdoc />
    public partial class TurnModelIndex : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Turns_Model_ConversationId",
                table: "Turns",
                columns: new[] { "Model", "ConversationId" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Turns_Model_ConversationId",
                table: "Turns");
        }
    }
}
